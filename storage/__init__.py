"""What is kept, where, and how it is erased."""
