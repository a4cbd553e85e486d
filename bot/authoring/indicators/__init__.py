"""What an instrument's answers come to, as an author writes it: read, checked, built, stored, written."""
