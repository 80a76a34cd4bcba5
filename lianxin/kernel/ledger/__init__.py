"""Funds as double-entry ledgers, and the payouts that leave them under two keys."""
