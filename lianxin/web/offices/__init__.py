"""Offices and identities: who holds which role, and opening a confidential reporter's identity."""
