"""What the steps do to the facts of a case, beside moving it."""
