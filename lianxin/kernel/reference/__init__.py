"""Dated data: dictionaries, thresholds, amounts and time limits by region, each with its source."""
