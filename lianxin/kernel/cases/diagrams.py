"""The workflows told on paper, from the same data that runs them: state diagrams and permission tables."""

from collections.abc import Iterable, Iterator

from lianxin.kernel.cases.workflow import Party, Step, Workflow

PARTIES = {Party.REPORTER: "报告人 the reporter", Party.SYSTEM: "系统 the system"}


def told(workflows: Iterable[Workflow]) -> str:
    """All kinds as one Markdown page."""
    parts = [
        "# Workflows\n",
        "Written by `lianxin workflows --write` from the code that runs them; a test holds this page to it.\n",
    ]
    for workflow in workflows:
        parts += [f"## {workflow.label.zh} {workflow.label.en} (`{workflow.kind}`)\n", *_kind(workflow)]
    return "\n".join(parts)


def _kind(workflow: Workflow) -> Iterator[str]:
    yield "```mermaid\nstateDiagram-v2"
    for status in workflow.statuses.values:
        yield f"  {status}: {workflow.status_label(status).zh} {workflow.status_label(status).en}"
    yield f"  [*] --> {workflow.initial}"
    for step in workflow.steps.values():
        for source in sorted(step.move.sources):
            yield f"  {source} --> {step.move.target or source}: {step.name}"
    yield from (f"  {status} --> [*]" for status in sorted(workflow.final))
    yield "```\n"
    yield "| Status | Whose turn | Within |\n|---|---|---|"
    for stage in workflow.stages.values():
        limit = f"{stage.within.label.zh} {stage.within.label.en}" if stage.within else "–"
        yield f"| `{stage.status}` | {_party(stage.owner)} | {limit} |"
    yield "\n| Step | By | Needs | Never by who did |\n|---|---|---|---|"
    for step in workflow.steps.values():
        named = f"`{step.name}` {step.label.zh} {step.label.en}"
        yield f"| {named} | {_by(step)} | {_needs(step)} | {_barred(workflow, step)} |"
    yield ""


def _party(party: object) -> str:
    if isinstance(party, Party):
        return PARTIES[party]
    label = party.label  # type: ignore[attr-defined]
    return f"{label.zh} {label.en}"


def _by(step: Step) -> str:
    return "; ".join(_party(party) for party in step.by)


def _needs(step: Step) -> str:
    return "; ".join(f"{e.label.zh} {e.label.en} (≥ {e.least})" for e in step.needs if e.least) or "–"


def _barred(workflow: Workflow, step: Step) -> str:
    opening = dict(workflow.opening.duties) if workflow.opening else {}
    others = {"open": opening} | {other.name: dict(other.duties) for other in workflow.steps.values()}
    barred = [
        f"`{name}`"
        for name, duties in others.items()
        for group, duty in step.duties.items()
        if name != step.name and duties.get(group, duty) != duty
    ]
    return ", ".join(dict.fromkeys(barred)) or "–"
