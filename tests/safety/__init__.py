"""Tests of the safety line."""
