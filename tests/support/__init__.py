"""What several tests need: servers, phones, databases."""
