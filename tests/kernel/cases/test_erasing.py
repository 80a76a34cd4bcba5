"""Erasing what a file shows: two custodians, no hand in the case, and a log that stays whole."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from lianxin.kernel import scope
from lianxin.kernel.audit.models import LogEntry
from lianxin.kernel.audit.verify import remarks, verify
from lianxin.kernel.cases.attachments import content_name, names_of, open_attachment, thumbnail
from lianxin.kernel.cases.erasing import ask_to_erase, destroy_erased, erase_content
from lianxin.kernel.cases.models import Attachment, Case, ContentErasure
from lianxin.kernel.cases.services import perform
from lianxin.kernel.files.prepared import Prepared
from lianxin.kernel.people.actors import Actor, receipt_holder
from lianxin.kernel.people.roles import CUSTODIAN
from lianxin.kernel.refusals import Conflict, NotAllowed, NotFound, Refused
from tests.example_app.workflow import STATION_KEEPER
from tests.kernel.cases.conftest import NOON, Town, build_town, found, holder
from tests.kernel.cases.test_attachments import photo

REASON = "照片里有无关人员的面容"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    """A storage of its own for each test."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def with_photo(town: Town, file: Prepared) -> Attachment:
    case = found(town, files={"found": [file]}).case
    with scope.use(scope.EVERYTHING):
        return Attachment.objects.select_related("case").get(case=case)


def lies(store: Path, file: Prepared) -> bool:
    return (store / content_name(file.sha256)).exists()


def erased_by_both(town: Town, row: Attachment, capture: DjangoCaptureOnCommitCallbacks) -> ContentErasure:
    erasure = ask_to_erase(row, actor=town.custodians[0], reason=REASON, at=NOON)
    with capture(execute=True):
        return erase_content(erasure, actor=town.custodians[1], at=NOON)


def refusal_of(deed: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def test_both_custodians_erase_the_content_and_the_log_stays_whole(
    town: Town, store: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    file = photo(1)
    row = with_photo(town, file)
    with thumbnail(row):
        pass
    assert lies(store, file)
    assert erased_by_both(town, row, django_capture_on_commit_callbacks).second_at == NOON
    assert not any((store / name).exists() for name in names_of(file.sha256))
    with scope.use(scope.EVERYTHING):
        assert bytes(Attachment.objects.get(pk=row.pk).sha256) == file.sha256
    assert verify() == []
    assert [told.en for told in remarks()] == [
        "1 files were erased on record by two custodians; their hashes and log entries stand."
    ]


def test_verify_command_is_green_and_says_how_many_were_erased(
    town: Town,
    capsys: pytest.CaptureFixture[str],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    rows = [with_photo(town, photo(seed)) for seed in (1, 2)]
    call_command("verify")
    assert "erased" not in capsys.readouterr().out
    for row in rows:
        erased_by_both(town, row, django_capture_on_commit_callbacks)
    call_command("verify")
    assert "2 files were erased on record" in capsys.readouterr().out


def test_every_step_of_an_erasure_is_in_the_log_of_the_case(
    town: Town, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    row = with_photo(town, photo(1))
    erased_by_both(town, row, django_capture_on_commit_callbacks)
    with scope.use(scope.EVERYTHING):
        entries = list(LogEntry.objects.filter(stream=f"case:{row.case_id}").order_by("seq"))
    deeds = [(entry.action, entry.actor) for entry in entries[1:]]
    first, second = (custodian.label for custodian in town.custodians)
    assert deeds == [("found_item.ask_erasure", first), ("found_item.erase_content", second)]
    told = [(entry.told["reason"], entry.told["after"]["sha256"]) for entry in entries[1:]]
    assert told == [(REASON, bytes(row.sha256).hex())] * 2


def test_erased_file_opens_for_nobody_and_says_why(
    town: Town, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    row = with_photo(town, photo(1))
    seeing = (town.keeper, town.county_officer, town.finder, receipt_holder(row.case_id))
    for viewer in seeing:
        open_attachment(viewer, row.pk)[1].close()
    erased_by_both(town, row, django_capture_on_commit_callbacks)
    assert {refusal_of(partial(open_attachment, viewer, row.pk)) for viewer in seeing} == {
        "attachment_erased"
    }
    for outsider in (town.stranger, town.foreign_keeper):
        assert refusal_of(partial(open_attachment, outsider, row.pk)) == "attachment_unknown"


def test_content_goes_from_every_case_that_holds_it(
    town: Town, store: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    file, other = photo(1), photo(2)
    first, second, third = with_photo(town, file), with_photo(town, file), with_photo(town, other)
    erased_by_both(town, first, django_capture_on_commit_callbacks)
    assert refusal_of(partial(open_attachment, town.keeper, second.pk)) == "attachment_erased"
    open_attachment(town.keeper, third.pk)[1].close()
    assert (lies(store, file), lies(store, other)) == (False, True)
    with scope.use(scope.EVERYTHING):
        logged = LogEntry.objects.filter(action="found_item.erase_content").order_by("stream")
        assert {entry.stream for entry in logged} == {f"case:{first.case_id}", f"case:{second.case_id}"}
    assert verify() == []


def test_erased_content_cannot_be_sent_again(
    town: Town, store: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    file = photo(1)
    row = with_photo(town, file)
    erased_by_both(town, row, django_capture_on_commit_callbacks)
    with pytest.raises(Refused) as refused, transaction.atomic():
        found(town, files={"found": [file]})
    assert (refused.value.code, refused.value.field) == ("content_erased", "found")
    assert not lies(store, file)
    with scope.use(scope.EVERYTHING):
        assert Case.objects.count() == 1
    assert with_photo(town, photo(2)).pk


# --- Who may not -------------------------------------------------------------------------------------------------


def test_one_custodian_alone_erases_nothing(town: Town, store: Path) -> None:
    file = photo(1)
    erasure = ask_to_erase(with_photo(town, file), actor=town.custodians[0], reason=REASON, at=NOON)
    assert refusal_of(partial(erase_content, erasure, actor=town.custodians[0], at=NOON)) == "same_custodian"
    colleague = holder("保管丙", CUSTODIAN, town.city)
    assert refusal_of(partial(erase_content, erasure, actor=colleague, at=NOON)) == "same_custodian"
    assert lies(store, file)


@pytest.mark.parametrize(
    "who", ["city_officer", "county_officer", "keeper", "manager", "finder", "stranger", "foreign_keeper"]
)
def test_others_neither_ask_nor_erase(town: Town, who: str) -> None:
    row = with_photo(town, photo(1))
    actor: Actor = getattr(town, who)
    assert refusal_of(partial(ask_to_erase, row, actor=actor, reason=REASON, at=NOON)) == "not_custodian"
    erasure = ask_to_erase(row, actor=town.custodians[0], reason=REASON, at=NOON)
    assert refusal_of(partial(erase_content, erasure, actor=actor, at=NOON)) == "not_custodian"


def test_custodian_of_another_place_neither_asks_nor_erases(town: Town) -> None:
    row = with_photo(town, photo(1))
    foreign = holder("外县保管", CUSTODIAN, town.elsewhere)
    assert refusal_of(partial(ask_to_erase, row, actor=foreign, reason=REASON, at=NOON)) == "not_custodian"
    erasure = ask_to_erase(row, actor=town.custodians[0], reason=REASON, at=NOON)
    assert refusal_of(partial(erase_content, erasure, actor=foreign, at=NOON)) == "not_custodian"


def test_who_worked_on_the_case_erases_no_evidence_of_it(town: Town) -> None:
    row, other = with_photo(town, photo(1)), with_photo(town, photo(2))
    with scope.act():
        keeper = holder("管理员兼保管", STATION_KEEPER, town.county)
        assert keeper.person is not None
        role = town.custodians[1].roles[0]
        role.pk, role.person = None, keeper.person
        role.save(force_insert=True)
    both = Actor(keeper.kind, person=keeper.person, roles=(*keeper.roles, role))
    perform(row.case, "keep", actor=both, at=NOON, shelf="A-3")
    assert refusal_of(partial(ask_to_erase, row, actor=both, reason=REASON, at=NOON)) == "acted_here"
    erasure = ask_to_erase(row, actor=town.custodians[0], reason=REASON, at=NOON)
    assert refusal_of(partial(erase_content, erasure, actor=both, at=NOON)) == "acted_here"
    assert ask_to_erase(other, actor=both, reason=REASON, at=NOON).pk


@pytest.mark.parametrize("reason", ["", "   ", "删了"])
def test_ask_to_erase_without_a_reason_is_refused(town: Town, reason: str) -> None:
    row = with_photo(town, photo(1))
    ask = partial(ask_to_erase, row, actor=town.custodians[0], at=NOON)
    with pytest.raises(Refused) as refused:
        ask(reason=reason)
    assert (refused.value.code, refused.value.field) == ("reason_missing", "reason")
    assert ask(reason=REASON).second_at is None


def test_ask_to_erase_with_more_than_a_reason_is_refused(town: Town) -> None:
    row = with_photo(town, photo(1))
    with pytest.raises(Refused) as refused:
        ask_to_erase(row, actor=town.custodians[0], reason="长" * 10_000, at=NOON)
    assert (refused.value.code, refused.value.field) == ("reason_too_long", "reason")
    assert ask_to_erase(row, actor=town.custodians[0], reason=f" {'长' * 400} ", at=NOON).pk


def test_asking_and_erasing_twice_is_refused(
    town: Town, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    row = with_photo(town, photo(1))
    erasure = erased_by_both(town, row, django_capture_on_commit_callbacks)
    assert refusal_of(partial(erase_content, erasure, actor=town.custodians[1], at=NOON)) == "erased"
    with pytest.raises(Conflict) as refused:
        ask_to_erase(row, actor=town.custodians[1], reason=REASON, at=NOON)
    assert refused.value.code == "erasure_asked"


# --- What may go wrong, or be tried ------------------------------------------------------------------------------


def test_storage_that_failed_is_found_by_verify_and_swept_by_night(town: Town, store: Path) -> None:
    file = photo(1)
    row = with_photo(town, file)
    erasure = ask_to_erase(row, actor=town.custodians[0], reason=REASON, at=NOON)
    # The process died after the commit: nobody destroyed anything.
    erase_content(erasure, actor=town.custodians[1], at=NOON)
    assert lies(store, file)
    assert refusal_of(partial(open_attachment, town.keeper, row.pk)) == "attachment_erased"
    assert [finding.code for finding in verify()] == ["erased_still_there"]
    assert [destroy_erased(), destroy_erased()] == [1, 0]
    assert verify() == []


def test_row_alone_does_not_explain_a_missing_file(town: Town, store: Path) -> None:
    file = photo(1)
    row = with_photo(town, file)
    first, second = town.custodians
    assert first.person is not None
    with scope.act():
        ContentErasure.objects.create(
            sha256=row.sha256,
            reason=REASON,
            first_custodian=first.person,
            first_body=first.roles[0].organization,
            first_at=NOON,
            second_custodian=second.person,
            second_body=second.roles[0].organization,
            second_at=NOON,
        )
    (store / content_name(file.sha256)).unlink()
    assert [finding.code for finding in verify()] == ["erasure_not_logged"]


def test_database_keeps_an_erasure_and_its_two_bodies(town: Town) -> None:
    first, second = town.custodians
    erasure = ask_to_erase(with_photo(town, photo(1)), actor=first, reason=REASON, at=NOON)
    body = first.roles[0].organization
    changes: tuple[dict[str, object], ...] = (
        {"reason": "别的理由"},
        {"sha256": bytes(32)},
        {"second_at": NOON},
        {"second_custodian": first.person, "second_body": second.roles[0].organization, "second_at": NOON},
        {"second_custodian": second.person, "second_body": body, "second_at": NOON},
    )
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic(), scope.act():
            ContentErasure.objects.filter(pk=erasure.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic(), scope.act():
        erasure.delete()
    erase_content(erasure, actor=second, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic(), scope.act():
        ContentErasure.objects.filter(pk=erasure.pk).update(
            second_custodian=None, second_body=None, second_at=None
        )


def test_erasures_are_seen_with_the_files_and_by_nobody_else(town: Town) -> None:
    ask_to_erase(with_photo(town, photo(1)), actor=town.custodians[0], reason=REASON, at=NOON)
    for viewer, count in ((town.keeper, 1), (town.finder, 1), (town.foreign_keeper, 0), (town.stranger, 0)):
        with scope.use(viewer.scope):
            assert ContentErasure.objects.count() == count


@pytest.mark.django_db(transaction=True)
def test_content_sent_again_at_the_moment_of_its_erasure_never_outlives_it(store: Path) -> None:
    town = build_town()
    file = photo(1)
    erasure = ask_to_erase(with_photo(town, file), actor=town.custodians[0], reason=REASON, at=NOON)
    outcomes: list[str] = []
    start = threading.Barrier(7)

    def run(name: str, deed: Callable[[], object]) -> None:
        start.wait()
        try:
            deed()
            outcomes.append(name)
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connection.close()

    erase = partial(erase_content, erasure, actor=town.custodians[1], at=NOON)
    deeds = [("sent", partial(found, town, files={"found": [file]}))] * 6 + [("gone", erase)]
    threads = [threading.Thread(target=run, args=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(outcomes) <= {"sent", "gone", "content_erased", "content_kept_meanwhile"}
    if "gone" not in outcomes:
        erase()
    assert not lies(store, file)
    with pytest.raises((Refused, NotFound)):
        found(town, files={"found": [file]})
    assert verify() == []


def test_token_of_a_custodian_erases_nothing(town: Town) -> None:
    row = with_photo(town, photo(1))
    first = town.custodians[0]
    by_token = Actor(
        first.kind, person=first.person, roles=first.roles, token_scopes=frozenset({"cases:perform"})
    )
    with pytest.raises(NotAllowed):
        ask_to_erase(row, actor=by_token, reason=REASON, at=NOON)
    assert ask_to_erase(row, actor=first, reason=REASON, at=NOON).pk
