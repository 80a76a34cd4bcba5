"""Words for people in both languages, without Django: what matching says, it says as ``Words``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in Chinese and English; placeholders in braces are filled by :meth:`format`."""

    zh: str
    en: str

    def spoken(self, language: Language) -> str:
        """The sentence in one language."""
        return self.zh if language == "zh" else self.en

    def format(self, **values: object) -> "Words":
        """Fill the placeholders of both languages; a value may be ``Words`` itself."""
        return Words(
            self.zh.format(**{k: v.zh if isinstance(v, Words) else v for k, v in values.items()}),
            self.en.format(**{k: v.en if isinstance(v, Words) else v for k, v in values.items()}),
        )

    def as_dict(self) -> dict[str, str]:
        """Both languages, for JSON."""
        return {"zh": self.zh, "en": self.en}


# What is being done, and the share of all that is done.
Progress = Callable[[Words, float], None]


def part_of(progress: Progress, start: float, length: float) -> Progress:
    """The progress of a part: it begins when the share `start` of the whole is done, and is `length` of the whole."""

    def told(words: Words, share: float) -> None:
        progress(words, start + length * share)

    return told


def silent(_words: Words, _share: float) -> None:
    """Progress that nobody asked for."""
