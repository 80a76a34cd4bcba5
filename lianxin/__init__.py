"""Lianxin, the working platform of a trade union."""

__version__ = "0.1.0"
