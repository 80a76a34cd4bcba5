"""The seeds' year, driven through the same services as the web."""
