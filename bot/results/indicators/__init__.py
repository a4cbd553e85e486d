"""Indicators: the numbers that an instrument's answers come to, computed as its data says."""
