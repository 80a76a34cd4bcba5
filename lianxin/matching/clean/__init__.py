"""Bringing names, numbers, phones, dates and addresses into one spelling.

The functions work on one value and say what the rule is; ``lists`` applies them to a whole list, each function only
once for each distinct value that is not clean already.
"""
