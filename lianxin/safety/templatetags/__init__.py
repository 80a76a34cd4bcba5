"""What the facts panels of this app need."""
