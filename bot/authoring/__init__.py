"""Reading, checking and writing questionnaires."""
