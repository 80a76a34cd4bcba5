"""Regions and their codes, for whoever needs them without a database."""
