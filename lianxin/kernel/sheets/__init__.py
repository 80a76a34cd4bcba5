"""Spreadsheets in and out: every list exports to one, every register imports from one."""
