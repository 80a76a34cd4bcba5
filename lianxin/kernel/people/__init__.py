"""Persons, their sealed facts, accounts, roles, consent; who acts and what they may see."""
