"""`lianxin match lookup`: one person against a prepared roster."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import pyarrow.parquet as pq

from lianxin.matching.lookup import Found, Prepared, clean_asked
from lianxin.matching.model import load_model
from lianxin.matching.problems import Problem
from lianxin.matching.tables import load, working_folder
from lianxin.matching.tables.headings import PERSONS, find_columns, read_mapping, spelling
from lianxin.matching.words import Language, Progress, Words
from lianxin.operate.matching.command import Answer, MatchCommand, folder_of_runs


class Command(MatchCommand):
    """The deed. Who is asked for comes in a file or on standard input: a command line can be read by others."""

    help = "Look for a person in a prepared roster; the person is a row of a list, or a JSON object on standard input."

    def options_of(self, parser: ArgumentParser) -> None:
        """Add what this deed alone understands."""
        parser.add_argument("folder", type=Path, metavar="FOLDER", help="made by lianxin match prepare")
        parser.add_argument(
            "persons", nargs="?", type=Path, metavar="LIST", help="CSV, XLSX or Parquet; - or nothing: JSON"
        )
        parser.add_argument("--model", type=Path, help="refuse a roster made with another model than this")

    def work(self, options: dict[str, Any], progress: Progress) -> Answer:
        """Do it."""
        language: Language = options["lang"]
        wanted = load_model(options["model"]) if options["model"] else None
        with Prepared(options["folder"], model=wanted) as prepared:
            asked = (
                _from_json(sys.stdin, options["mapping"])
                if options["persons"] in (None, Path("-"))
                else _from_list(options["persons"], options["mapping"], options["memory"], progress)
            )
            answers = [(row, prepared.find_clean(row, language)) for row in asked]
        return Answer(
            {
                "answers": [
                    {"right_id": row["record_id"], "found": [_facts(f) for f in found]}
                    for row, found in answers
                ]
            },
            [words for row, found in answers for words in _told(str(row["record_id"] or "?"), found)],
        )


def _from_list(path: Path, mapping: Path | None, memory: int, progress: Progress) -> Iterator[dict[str, Any]]:
    with working_folder(folder_of_runs()) as work:
        roster = load(path, mapping=mapping, work=work, memory=memory, progress=progress)
        yield from pq.read_table(roster.path).to_pylist()


def _from_json(stream: TextIO, mapping: Path | None) -> Iterator[dict[str, Any]]:
    try:
        told = json.load(stream)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not all(isinstance(value, str | None) for value in told.values()):
        words = Words(
            "标准输入应是一个 JSON 对象，列名为键，文字为值。",
            "Standard input should be one JSON object: columns as keys, texts as values.",
        )
        raise Problem("person_unreadable", words)
    headings = list(told)
    layout = PERSONS.mapped(read_mapping(mapping) if mapping else None)
    if not {spelling(heading) for heading in headings} & set(layout.known["record_id"]):
        headings.append("record_id")  # who is asked for needs none
    places = find_columns("JSON", headings, line=0, layout=layout)
    yield clean_asked({column: told.get(headings[place]) for column, place in places.items()})


def _facts(found: Found) -> dict[str, Any]:
    told = asdict(found)
    del told["levels"]
    return told


def _told(right_id: str, found: list[Found]) -> list[Words]:
    if not found:
        return [Words(f"{right_id}：底册中没有此人。", f"{right_id}: nobody of the roster.")]
    return [
        Words(
            f"{right_id} = {f.left_id}：{_DECISIONS[f.decision].zh}，{f.probability:.6f}。{f.reason}",
            f"{right_id} = {f.left_id}: {_DECISIONS[f.decision].en}, {f.probability:.6f}. {f.reason}",
        )
        for f in found
    ]


_DECISIONS = {"match": Words("匹配", "match"), "review": Words("待人工核对", "to be reviewed")}
