"""What the kernel's lower floors need to know of an actor; the whole of it stands in ``people.actors``."""

from typing import Protocol


class Acting(Protocol):
    """Somebody, or the system, that acts: as the log will name them."""

    @property
    def label(self) -> str:
        """Such as ``person:12``, ``reporter`` or ``system``; never a name or a number."""

    @property
    def request_id(self) -> str:
        """The request the act came with; empty outside of one."""
