"""What a person sees and decides about themselves: data, who looked, consents, keys."""
