"""Campaigns: a time, a fund, the groups they are for, and the cases that belong to them."""
