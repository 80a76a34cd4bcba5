"""Joining by oneself: name and number, the code, and one is in."""
