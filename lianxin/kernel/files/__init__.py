"""Files from outside: recognized by content, re-encoded, stripped of metadata, kept by their hash."""
