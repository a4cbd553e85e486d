"""Ways of talking, one module each."""
