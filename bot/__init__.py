"""The consultation agent: conversation, channels, rounds and results."""

__version__ = "0.1.0.dev0"
