"""What other parts of the product show on a case page, beside its facts: each a template with its context.

A part registers here once, when its addresses are loaded; the case page asks each in turn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lianxin.kernel.cases.models import Case
from lianxin.kernel.people.actors import Actor


@dataclass(frozen=True, slots=True)
class CasePanel:
    """A panel: its template, and what the template shows under the name ``panel``."""

    template: str
    facts: Mapping[str, Any]


Maker = Callable[[Actor, Case], CasePanel | None]
_makers: list[Maker] = []


def register_panel(maker: Maker) -> Maker:
    """Let this function add a panel to case pages; it answers nothing where it has nothing to say."""
    if maker not in _makers:
        _makers.append(maker)
    return maker


def panels_for(viewer: Actor, case: Case) -> list[CasePanel]:
    """The panels of a case for this viewer, in the order of registration."""
    made = (maker(viewer, case) for maker in _makers)
    return [panel for panel in made if panel is not None]
