"""Deeds of the safety line beside the steps of its cases."""
