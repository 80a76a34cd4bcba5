"""``lianxin workflows``: every kind of case on paper."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from lianxin.home import CODE
from lianxin.kernel.cases.diagrams import told
from lianxin.kernel.cases.workflow import workflows

PAGE = CODE.parent / "docs" / "guide" / "workflows.md"


def product_workflows() -> str:
    """The page for the kinds of the product itself."""
    return told(workflow for workflow in workflows() if workflow.model.__module__.startswith("lianxin."))


class Command(BaseCommand):
    """Print the page, or write it."""

    help = "State diagrams and permission tables of every kind of case, from the code that runs them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to write."""
        parser.add_argument("--write", action="store_true", help="write docs/guide/workflows.md")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        if options["write"]:
            PAGE.parent.mkdir(parents=True, exist_ok=True)
            PAGE.write_text(product_workflows(), encoding="utf-8")
        else:
            self.stdout.write(product_workflows())
