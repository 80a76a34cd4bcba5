"""What all of `lianxin match` has in common: options, progress on the error stream, answers and refusals."""

import json
import re
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

from lianxin.home import home
from lianxin.matching.problems import Faulty, Problem
from lianxin.matching.tables import load_all
from lianxin.matching.tables.loading import Roster
from lianxin.matching.words import Language, Progress, Words

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a deed has to say: facts for programs, sentences for people."""

    facts: dict[str, Any]
    words: Sequence[Words] = field(default=())


class MatchCommand(BaseCommand):
    """A deed of `lianxin match`: `options_of` adds its own arguments, `work` does it."""

    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The deed's own options, then those that all deeds share."""
        self.options_of(parser)
        parser.add_argument("--mapping", type=Path, help="TOML file that names other headings")
        parser.add_argument("--memory", type=number_of_bytes, default=6 << 30, help="bound of memory (6GB)")
        parser.add_argument(
            "--lang", choices=("zh", "en"), default="zh", help="language of reasons and messages (zh)"
        )
        parser.add_argument("--json", dest="as_json", action="store_true", help="answer with one JSON object")

    def options_of(self, parser: ArgumentParser) -> None:
        """Add what this deed alone understands."""

    def work(self, options: dict[str, Any], progress: Progress) -> Answer:
        """Do it. Raises ``Problem``."""
        raise NotImplementedError

    def handle(self, *_args: object, **options: Any) -> None:
        """Do it, say how far it is, and say what came of it; the exit code is 0 only then."""
        language: Language = options["lang"]
        # So that a run told to stop removes its folder, as one that is interrupted does.
        signal.signal(signal.SIGTERM, _leave)
        try:
            answer = self.work(options, Told(self, language).say)
        except Problem as problem:
            if options["as_json"]:
                self.stdout.write(json.dumps(_problem(problem), ensure_ascii=False, indent=1))
            raise CommandError(problem.spoken(language)) from None
        if options["as_json"]:
            self.stdout.write(json.dumps(answer.facts, ensure_ascii=False, indent=1))
        elif answer.words:
            self.stdout.write("\n".join(words.spoken(language) for words in answer.words))


class Told:
    """Progress on the error stream, with the time it may still take."""

    def __init__(self, command: BaseCommand, language: Language) -> None:
        self._command, self._language, self._begun = command, language, monotonic()

    def say(self, words: Words, share: float) -> None:
        """One line: how much is done, what is being done, how long the rest may take."""
        taken = monotonic() - self._begun
        left = Words("", "")
        if share >= 0.05 and taken > 1:  # noqa: PLR2004 - less says nothing yet
            left = Words("，约剩 {n} 秒", ", about {n} s left").format(n=round(taken / share - taken))
        said = Words("{share} {words}{left}", "{share} {words}{left}").format(
            share=f"{share:4.0%}", words=words, left=left
        )
        self._command.stderr.write(said.spoken(self._language), self._command.style.NOTICE)


def folder_of_runs() -> Path:
    """The folder under the home in which runs make theirs."""
    return home() / "matching"


def loaded(lists: Sequence[Path], options: dict[str, Any], work: Path, progress: Progress) -> list[Roster]:
    """Lists, read and cleaned with the options that all deeds share. Raises ``Problem``."""
    return load_all(lists, mapping=options["mapping"], work=work, memory=options["memory"], progress=progress)


def check_new_model(path: Path) -> None:
    """Refuse to write a model where a file stands: a model is never changed in place. Raises ``Problem``."""
    if path.suffix != ".json":
        raise Problem("ending_unknown", Words("模型请写成 .json。", "A model is written as .json."))
    if path.exists():
        words = Words(
            "“{name}”已存在：新模型请另取名字。", "“{name}” is there: give the new model another name."
        )
        raise Problem("model_there", words.format(name=path.name))
    if not path.parent.is_dir():
        words = Words("“{name}”所在的文件夹不存在。", "The folder of “{name}” does not exist.")
        raise Problem("target_closed", words.format(name=path.name))


def notices(rosters: Sequence[Roster]) -> list[Words]:
    """What was noticed while the lists were read."""
    return [words for roster in rosters for words in roster.notices()]


def number_of_bytes(text: str) -> int:
    """6GB, 512M, 2000000000 as a number of bytes."""
    found = re.fullmatch(r"(\d+)\s*([KMG]?)I?B?", text.upper())
    if not found:
        raise ArgumentTypeError("such as 6GB or 512MB")
    return int(found[1]) * _UNITS[found[2]]


def _problem(problem: Problem) -> dict[str, Any]:
    faults = problem.faults if isinstance(problem, Faulty) else []
    return {
        "error": problem.code,
        "words": problem.words.as_dict(),
        "faults": [
            {"row": f.row, "column": f.column, "code": f.code, "words": f.words.as_dict()} for f in faults
        ],
    }


def _leave(_number: int, _frame: object) -> NoReturn:
    sys.exit(143)
