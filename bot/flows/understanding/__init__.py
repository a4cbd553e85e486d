"""What people type: words, numbers and dates, in the ways of their language."""
