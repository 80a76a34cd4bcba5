"""What opening and steps do to a sweep and its checks."""

import hashlib
from datetime import datetime
from typing import Any

from lianxin.kernel.cases.models import Case
from lianxin.kernel.cases.reporters import Mode, Reporting
from lianxin.kernel.cases.services import open_case
from lianxin.kernel.cases.workflow import Deed, workflow_for
from lianxin.kernel.orgs.models import Site
from lianxin.kernel.people.actors import Actor
from lianxin.kernel.refusals import Refused
from lianxin.kernel.text import Text
from lianxin.safety.choices import CheckResult
from lianxin.safety.effects.hazards import TITLE, end_of
from lianxin.safety.models import Sweep, SweepCheck
from lianxin.safety.queries.sweeps import matching_sites_under

_PERCENT = 100


def create(case: Case, data: dict[str, Any]) -> list[Sweep]:
    """The order; without a seed of the sender's own, the number of the case is the seed."""
    return [
        Sweep(
            case=case,
            source=data.get("source"),
            what=data["what"],
            equipment_kind=data.get("equipment_kind") or "",
            industry=data.get("industry") or "",
            process=data.get("process") or "",
            scope=case.organization,
            scope_path=case.organization.jurisdiction_path,
            due_on=data["due_on"],
            sample_percent=data["sample_percent"],
            seed=data.get("seed") or case.number,
        )
    ]


def title(data: dict[str, Any]) -> str:
    """The first words of what to look for."""
    return f"举一反三：{str(data['what']).splitlines()[0]}"[:TITLE]


def send_out(case: Case, data: dict[str, Any], actor: Actor, at: datetime) -> None:
    """One check for each matching site, with its own deadline; no match is refused, not quietly closed."""
    sweep = case.sweep
    sites = matching_sites_under(
        sweep.scope_path, equipment_kind=sweep.equipment_kind, industry=sweep.industry, process=sweep.process
    )
    if not sites:
        raise Refused(
            "no_site_matches",
            Text("没有匹配的场所，请放宽条件。", "No site matches: widen the criteria."),
            field="equipment_kind",
        )
    due = end_of(data["due_on"], at)
    for site in sites:
        _send_to(site, sweep, actor=actor, at=at, due=due)


def _send_to(site: Site, sweep: Sweep, *, actor: Actor, at: datetime, due: datetime) -> None:
    check = open_case(
        workflow_for("sweep_check"),
        actor=actor,
        at=at,
        organization=site.organization,
        site=site,
        title=f"{site.name}：{sweep.what.splitlines()[0]}"[:TITLE],
        data={"sweep": sweep, "site": site, "spoken": {"what": sweep.what}},
        parent=sweep.case,
    ).case
    Case.objects.filter(pk=check.pk).update(due_at=due, wake_at=due)


def create_check(case: Case, data: dict[str, Any]) -> list[SweepCheck]:
    """The check of one site. Whether it is in the sample is settled by the seed before anybody answers."""
    sweep: Sweep = data["sweep"]
    return [
        SweepCheck(
            case=case,
            sweep=sweep,
            site=data["site"],
            sampled=in_sample(sweep.seed, data["site"].pk, sweep.sample_percent),
        )
    ]


def in_sample(seed: str, site: int, percent: int) -> bool:
    """Whether a site is drawn: a hash of seed and site, so that anyone can repeat the draw."""
    digest = hashlib.sha256(f"{seed}/{site}".encode()).digest()
    return int.from_bytes(digest[:8]) % _PERCENT < percent


def answer_none(deed: Deed) -> None:
    """Nothing found: a sampled site is verified, the others are closed with their proof."""
    check: SweepCheck = deed.detail
    check.result, check.answered_at = CheckResult.NONE, deed.at
    if not check.sampled:
        deed.target, deed.outcome = "closed", "none_found"


def report_found(deed: Deed) -> None:
    """A finding becomes a hazard report with the whole of its workflow; the check waits for its end."""
    check: SweepCheck = deed.detail
    check.hazard = open_case(
        workflow_for("hazard"),
        actor=deed.actor,
        at=deed.at,
        organization=deed.case.organization,
        site=check.site,
        title=str(deed.data["found"]).splitlines()[0][:TITLE],
        data={"hazards": [deed.data["found"]], "spoken": {"hazards": [deed.data["found"]]}},
        reporting=Reporting(mode=Mode.NAMED),
        parent=deed.case,
    ).case
    check.result, check.answered_at = CheckResult.FOUND, deed.at


def settle(deed: Deed) -> None:
    """The linked report has come to its end: fixed, or it was no hazard after all."""
    check: SweepCheck = deed.detail
    hazard = check.hazard
    fixed = hazard is not None and hazard.status == "closed"
    if fixed:
        check.result = CheckResult.FIXED
    deed.outcome = "fixed" if fixed else "not_a_hazard"


def forget_answer(deed: Deed) -> None:
    """The expert saw something else than the site said: search again."""
    check: SweepCheck = deed.detail
    check.result, check.answered_at = "", None
