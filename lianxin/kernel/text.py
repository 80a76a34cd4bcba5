"""Words for people, in both languages side by side.

A label, a question or an error is written once as ``Text("受理", "Accept")``: the Chinese and the
English cannot drift apart, because neither can be written without the other (ADR 0005).
"""

from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import get_language

# To the type checker a Text is the string that it will be shown as; at run time it is one of Django's promises.
if TYPE_CHECKING:
    _Shown = str
else:
    _Shown = Promise


class Text(_Shown):
    """A string in Chinese and English, decided when it is shown.

    Placeholders in braces are filled by :meth:`format`; the values may be ``Text`` themselves.
    """

    zh: str
    en: str

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return self.en if (get_language() or "zh").startswith("en") else self.zh

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(str(self), name)

    def __repr__(self) -> str:
        return f"Text({self.zh!r}, {self.en!r})"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Text):
            return (self.zh, self.en) == (other.zh, other.en)
        return str(self) == other

    def __hash__(self) -> int:
        return hash((self.zh, self.en))

    def __add__(self, other: str) -> str:
        return str(self) + other

    def __radd__(self, other: str) -> str:
        return other + str(self)

    def __mod__(self, values: Any) -> str:
        filled: str = str(self) % values
        return filled

    def format(self, **values: object) -> "Text":  # type: ignore[override]
        """Fill the placeholders of both languages, keeping both."""
        return Text(
            self.zh.format(**{k: v.zh if isinstance(v, Text) else v for k, v in values.items()}),
            self.en.format(**{k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
        )

    def as_dict(self) -> dict[str, str]:
        """Both languages, for JSON."""
        return {"zh": self.zh, "en": self.en}
