"""`lianxin match encode`: make a shared key; encode one's own list with it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from lianxin.matching.encoding.keyfile import HASHES, make_key
from lianxin.matching.encoding.running import EncodeOrder, run_encode
from lianxin.matching.words import Progress, Words
from lianxin.operate.matching.command import Answer, MatchCommand, folder_of_runs, notices


class Command(MatchCommand):
    """One deed with two faces: `--new-key`, or a list."""

    help = "Encode your own list with a shared key, so that it can be linked without being handed over."

    def options_of(self, parser: ArgumentParser) -> None:
        """What encoding needs."""
        parser.add_argument("list", nargs="?", type=Path, metavar="LIST", help="CSV, XLSX or Parquet")
        parser.add_argument("--new-key", type=Path, metavar="KEYFILE", help="make a key, and do nothing else")
        parser.add_argument("--hash", choices=tuple(HASHES), help="hash of a new key (sha256)")
        parser.add_argument("--key", type=Path, metavar="KEYFILE", help="the shared key")
        parser.add_argument("--out", type=Path, help="the encoding: .parquet or .csv")
        ids = parser.add_mutually_exclusive_group()
        ids.add_argument("--ids", type=Path, help="new and own ids, for yourself alone (OUT-ids.csv)")
        ids.add_argument(
            "--keep-ids", action="store_true", help="send your own ids along instead of new ones"
        )

    def work(self, options: dict[str, Any], progress: Progress) -> Answer:
        """Make a key, or encode a list."""
        given = options["list"], options["key"], options["out"]
        if options["new_key"]:
            if any(given):
                raise CommandError(_ONE_OF_TWO.spoken(options["lang"]))
            key = make_key(options["new_key"], kind=options["hash"] or "sha256")
            facts = {"key": options["new_key"].name, "hash": key.hash, "fingerprint": key.fingerprint}
            return Answer(facts, [_KEY_MADE.format(**facts)])
        if not all(given) or options["hash"]:
            raise CommandError(_ONE_OF_TWO.spoken(options["lang"]))
        order = EncodeOrder(
            roster=options["list"],
            **{name: options[name] for name in ("key", "out", "ids", "keep_ids", "mapping", "memory")},
        )
        encoded, roster = run_encode(order, above=folder_of_runs(), progress=progress)
        facts = {
            "rows": encoded.rows,
            "without_birth": encoded.without_birth,
            "fingerprint": encoded.fingerprint,
            "ids": encoded.ids.name if encoded.ids else None,
            "noticed": dict(roster.noticed),
        }
        told = [*notices([roster]), _ENCODED.format(**facts)]
        if encoded.without_birth:
            told.append(_WITHOUT_BIRTH.format(**facts))
        if encoded.ids:
            told.append(_IDS.format(**facts))
        return Answer(facts, told)


_ONE_OF_TWO = Words(
    "请给出名单、--key 和 --out；或只用 --new-key（可加 --hash）生成密钥。",
    "Give a list, --key and --out; or --new-key alone (and --hash) to make a key.",
)
_KEY_MADE = Words(
    "密钥已生成：{key}（{hash}，指纹 {fingerprint}）。只当面或经保密渠道交给另一部门编码的人，不要交给比对的人。",
    "Key made: {key} ({hash}, fingerprint {fingerprint}). Hand it only to whoever encodes in the other department, in "
    "person or by a confidential channel, and never to whoever links.",
)
_ENCODED = Words(
    "编码 {rows:,} 行，密钥指纹 {fingerprint}。",
    "{rows:,} rows encoded; fingerprint of the key {fingerprint}.",
)
_WITHOUT_BIRTH = Words(
    "{without_birth:,} 行没有出生日期，姓名不作模糊比对，可能找不到。",
    "{without_birth:,} rows have no birth date: their names cannot be compared loosely, and they may not be found.",
)
_IDS = Words(
    "新旧编号对照在 {ids}：请留在本部门，不要交出。",
    "New and own ids stand in {ids}: keep it, and do not hand it over.",
)
