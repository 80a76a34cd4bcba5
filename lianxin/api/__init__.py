"""The JSON API: the same deeds as the pages, for people's own programs and for partner systems."""
