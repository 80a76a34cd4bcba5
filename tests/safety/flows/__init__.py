"""Whole stories through the same door as the pages."""
