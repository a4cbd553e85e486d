"""Measuring Talanoa side by side with the database under it and with how such bots are commonly written."""
