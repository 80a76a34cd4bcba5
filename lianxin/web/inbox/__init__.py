"""Messages: what was said to a person, to their offices, or to whoever holds a receipt."""
