"""What a run says to its reader, in lines and as facts for a program."""

from dataclasses import dataclass
from typing import Any

from lianxin.bench import figures
from lianxin.bench.intake import AIM, Result
from lianxin.bench.queue import QUEUE_AIM, QueueResult

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Told:
    """The same in words and in figures."""

    lines: list[str]
    facts: dict[str, Any]


def intake(result: Result) -> Told:
    """The intake's figures, and how near each way of reporting comes to a view that commits one row."""
    shares = result.shares()
    lines = [*_head(result.machine), "", *figures.table(result.figures), ""]
    lines.append(f"Memory of the server: {result.memory / MIB:.0f} MiB")
    lines.append(f"Share of the rate of a view that commits one row (aim: {AIM:.0%} or more)")
    lines += [f"  {name}: {share:.1%}" for name, share in shares.items()]
    for name, texts in result.texts.items():
        lines += [
            "",
            f"{name}: one request",
            *(f"  {number:2} {text}" for number, text in enumerate(texts, 1)),
        ]
    facts = {
        "bench": "intake",
        "machine": result.machine,
        "figures": [figure.as_dict() for figure in result.figures],
        "memory_bytes": result.memory,
        "aim": AIM,
        "shares": {name: round(share, 3) for name, share in shares.items()},
    }
    return Told(lines, facts)


def queue(result: QueueResult) -> Told:
    """The queue's figures by size, and how much slower the largest is than the smallest."""
    lines = [*_head(result.machine), "", *figures.table(result.figures), ""]
    lines += [
        f"Memory of the server at {size:,} cases: {held / MIB:.0f} MiB"
        for size, held in result.memory.items()
    ]
    lines.append(
        f"p95 at the largest size to p95 at the smallest: {result.ratio:.2f} (aim: {QUEUE_AIM} or less)"
    )
    for size, plans in result.plans.items():
        lines += ["", f"Plans at {size:,} cases", *plans]
    facts = {
        "bench": "queue",
        "machine": result.machine,
        "figures": [figure.as_dict() for figure in result.figures],
        "memory_bytes": {str(size): held for size, held in result.memory.items()},
        "aim": QUEUE_AIM,
        "ratio": round(result.ratio, 3),
    }
    return Told(lines, facts)


def _head(machine: dict[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    kind = f"{machine['cores']} cores, {machine['memory_gib']} GiB, load {machine['load']}"
    return [f"{machine['date']}: {kind}, fdatasync {machine['fdatasync_ms']} ms", versions]
