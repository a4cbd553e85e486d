"""Counting answers and writing them out."""
