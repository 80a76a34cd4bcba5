"""Comparing lists without handing them over: encode one's own list with a shared key, link two encodings.

What an attacker can still learn from an encoding stands in ADR 0028.
"""

from lianxin.matching.encoding.keyfile import Key, load_key, make_key
from lianxin.matching.encoding.linking import Answered, link_encodings
from lianxin.matching.encoding.making import Encoded, encode

__all__ = ["Answered", "Encoded", "Key", "encode", "link_encodings", "load_key", "make_key"]
