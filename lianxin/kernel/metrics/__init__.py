"""Figures: declared once, rolled up by day, recounted from rows."""
