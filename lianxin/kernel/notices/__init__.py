"""What people are told: inbox, public notices, messages to phones."""
