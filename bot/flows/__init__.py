"""The core: what a questionnaire is and how a conversation about it goes. Pure: no I/O, no clock."""
