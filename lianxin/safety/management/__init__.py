"""Commands of the safety line."""
