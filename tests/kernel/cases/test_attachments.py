"""Files under a case: what a step asks for, keeping, opening, thumbnails, orphans, verification."""

import io
import os
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from PIL import Image
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from lianxin.kernel import scope
from lianxin.kernel.audit.verify import verify
from lianxin.kernel.cases.attachment_checks import attachments_agree
from lianxin.kernel.cases.attachments import (
    check_evidence,
    content_name,
    keep,
    open_attachment,
    prepare_evidence,
    sweep_orphans,
    thumbnail,
)
from lianxin.kernel.cases.models import Act, Attachment, Case
from lianxin.kernel.cases.services import perform
from lianxin.kernel.cases.workflow import Evidence
from lianxin.kernel.clock import now
from lianxin.kernel.files.prepared import Prepared, prepared
from lianxin.kernel.files.preparing import prepare
from lianxin.kernel.people.actors import NOBODY, receipt_holder
from lianxin.kernel.refusals import NotFound, Refused
from lianxin.kernel.text import Text
from lianxin.replay.media import picture
from tests.kernel.cases.conftest import NOON, Town, build_town, found

BEFORE = Evidence("before", Text("整改前", "before"), least=0, most=2)
AFTER = Evidence("after", Text("整改后", "after"))
VOICE = Evidence("voice", Text("语音", "voice note"), kinds=frozenset({"voice"}), least=0, most=1)
ASKED = (BEFORE, AFTER, VOICE)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, settings: Settings) -> Path:
    """A storage of its own for each test."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def photo(seed: int = 0) -> Prepared:
    """A photo, ready to be kept."""
    return prepare(picture("ladder", seed=seed, size=(400, 300)), field="after", kinds=frozenset({"photo"}))


def note() -> Prepared:
    return prepared("voice", "audio/mp4", b"hum")


def handed_over(town: Town, *files: Prepared) -> Case:
    """A case that was closed with these photos."""
    case = found(town).case
    perform(case, "keep", actor=town.keeper, at=NOON, shelf="A-3")
    perform(case, "claim", actor=town.keeper, at=NOON, proof_of_ownership="伞柄刻字")
    return perform(case, "hand_over", actor=town.other_keeper, at=NOON, files={"handover": list(files)})


def attachment_of(case: Case) -> Attachment:
    with scope.use(scope.EVERYTHING):
        return Attachment.objects.filter(case=case).earliest("id")


def contents(store: Path) -> set[str]:
    return {str(path.relative_to(store)) for path in store.rglob("*") if path.is_file()}


def refusal(files: dict[str, list[Prepared]]) -> tuple[str, str | None]:
    with pytest.raises(Refused) as caught:
        check_evidence(ASKED, files)
    return caught.value.code, caught.value.field


# --- What a step asks for ----------------------------------------------------------------------------------


def test_check_evidence_takes_what_is_asked_for() -> None:
    check_evidence(ASKED, {"before": [photo(), photo(1)], "after": [photo()], "voice": [note()]})
    check_evidence(ASKED, {"after": [photo()]})
    check_evidence((), {})


def test_check_evidence_refuses_what_is_missing() -> None:
    assert refusal({}) == ("evidence_missing", "after")
    assert refusal({"before": [photo()], "after": []}) == ("evidence_missing", "after")


def test_check_evidence_refuses_too_many() -> None:
    assert refusal({"before": [photo()] * 3, "after": [photo()]}) == ("too_many_files", "before")


def test_check_evidence_refuses_the_wrong_kind() -> None:
    assert refusal({"after": [note()]}) == ("wrong_kind", "after")
    assert refusal({"after": [photo()], "voice": [photo()]}) == ("wrong_kind", "voice")


def test_check_evidence_refuses_a_name_nobody_asked_for() -> None:
    assert refusal({"after": [photo()], "selfie": [photo()]}) == ("unknown_evidence", "selfie")


def test_prepare_evidence_prepares_every_upload() -> None:
    uploads = {"after": [SimpleUploadedFile(f"{n}", picture("ladder", seed=n)) for n in range(2)]}
    files = prepare_evidence(ASKED, uploads)
    assert {name: [file.kind for file in several] for name, several in files.items()} == {
        "before": [],
        "after": ["photo", "photo"],
        "voice": [],
    }
    check_evidence(ASKED, files)


def test_prepare_evidence_counts_before_it_reads() -> None:
    uploads = [SimpleUploadedFile("x", picture("ladder")) for _ in range(3)]
    with pytest.raises(Refused, match="too_many_files"):
        prepare_evidence(ASKED, {"after": uploads[:1], "before": uploads})
    assert [upload.tell() for upload in uploads] == [0, 0, 0]


def test_prepare_evidence_names_the_field_of_a_bad_file() -> None:
    with pytest.raises(Refused) as caught:
        prepare_evidence(ASKED, {"after": [SimpleUploadedFile("x.jpg", b"#!/bin/sh")]})
    assert (caught.value.code, caught.value.field) == ("wrong_kind", "after")


def test_prepare_evidence_says_which_of_several_is_bad() -> None:
    good, bad = picture("ladder"), b"#!/bin/sh"
    uploads = [SimpleUploadedFile(name, content) for name, content in (("a", good), ("b", bad), ("c", bad))]
    with pytest.raises(Refused) as caught:
        prepare_evidence(ASKED, {"after": uploads})
    assert (caught.value.code, caught.value.field) == ("wrong_kind", "after")
    assert caught.value.message.zh.startswith("第 2 个文件：")
    assert caught.value.message.en.startswith("File 2: ")


def test_prepare_evidence_of_one_file_does_not_number_it() -> None:
    with pytest.raises(Refused) as caught:
        prepare_evidence(ASKED, {"after": [SimpleUploadedFile("x.jpg", b"")]})
    assert caught.value.code == "file_empty"
    assert not caught.value.message.zh.startswith("第")


# --- Keeping -----------------------------------------------------------------------------------------------


def test_keep_writes_row_and_content(town: Town, store: Path) -> None:
    file = photo()
    row = attachment_of(handed_over(town, file))
    assert (row.evidence, row.kind, row.media_type) == ("handover", "photo", "image/jpeg")
    assert (bytes(row.sha256), row.size, row.width, row.height) == (file.sha256, len(file.content), 400, 300)
    assert contents(store) == {content_name(file.sha256)}
    kept = store / content_name(file.sha256)
    assert kept.read_bytes() == file.content
    assert kept.stat().st_mode & 0o777 == 0o600


def test_same_content_twice_is_kept_once(town: Town, store: Path) -> None:
    file = photo()
    handed_over(town, file, file)
    handed_over(town, file)
    assert contents(store) == {content_name(file.sha256)}
    with scope.use(scope.EVERYTHING):
        assert Attachment.objects.filter(sha256=file.sha256).count() == 3


def test_keep_costs_one_statement_however_many_files(
    town: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    case = found(town).case
    with scope.act():
        act = Act.objects.get(case=case)
        with django_assert_num_queries(0):
            assert keep(case, act, {"found": []}) == []
        with django_assert_num_queries(1):
            assert len(keep(case, act, {"found": [photo(n) for n in range(5)]})) == 5


def test_roll_back_leaves_no_row(town: Town) -> None:
    case = found(town).case
    with suppress(InterruptedError), scope.act():
        assert keep(case, Act.objects.get(case=case), {"found": [photo()]})
        raise InterruptedError
    with scope.use(scope.EVERYTHING):
        assert not Attachment.objects.filter(case=case).exists()


def test_attachment_cannot_be_changed_or_deleted(town: Town) -> None:
    row = attachment_of(handed_over(town, photo()))
    with scope.use(scope.EVERYTHING):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            Attachment.objects.filter(pk=row.pk).update(evidence="else")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            row.delete()


def test_attachment_belongs_to_the_case_of_its_act(town: Town) -> None:
    case, other = found(town).case, found(town).case
    with scope.act():
        act = Act.objects.get(case=other)
        with pytest.raises(IntegrityError, match="another case"), transaction.atomic():
            keep(case, act, {"found": [photo()]})


def test_attachment_is_named_by_a_whole_hash(town: Town) -> None:
    case = found(town).case
    cut = Prepared("photo", "image/jpeg", b"x", b"short", 1, 1)
    with scope.act():
        act = Act.objects.get(case=case)
        with pytest.raises(IntegrityError, match="named_by_sha256"), transaction.atomic():
            keep(case, act, {"found": [cut]})


# --- Opening -----------------------------------------------------------------------------------------------


def test_open_attachment_for_whoever_sees_the_case(town: Town) -> None:
    file = photo()
    case = handed_over(town, file)
    row = attachment_of(case)
    for viewer in (town.keeper, town.county_officer, town.city_officer, town.finder, receipt_holder(case.pk)):
        opened, content = open_attachment(viewer, row.pk)
        with content:
            assert (opened, content.read()) == (row, file.content)


def test_open_attachment_is_not_found_for_others(town: Town) -> None:
    row = attachment_of(handed_over(town, photo()))
    outsiders = (town.stranger, town.foreign_keeper, NOBODY, receipt_holder(found(town).case.pk))
    codes = set()
    for viewer in outsiders:
        with pytest.raises(NotFound) as caught:
            open_attachment(viewer, row.pk)
        codes.add((caught.value.code, str(caught.value.message)))
    with pytest.raises(NotFound) as caught:
        open_attachment(town.keeper, row.pk + 1000)
    assert codes == {(caught.value.code, str(caught.value.message))}


def test_open_attachment_whose_content_is_gone_is_not_found(town: Town, store: Path) -> None:
    file = photo()
    row = attachment_of(handed_over(town, file))
    (store / content_name(file.sha256)).unlink()
    with pytest.raises(NotFound):
        open_attachment(town.keeper, row.pk)


def test_thumbnail_is_small_and_made_once(town: Town, store: Path) -> None:
    file = photo()
    row = attachment_of(handed_over(town, file))
    with thumbnail(row) as small, Image.open(io.BytesIO(small.read())) as image:
        assert (image.format, image.size) == ("JPEG", (320, 240))
    assert len(contents(store)) == 2
    # The second time it does not need the whole photo.
    (store / content_name(file.sha256)).unlink()
    with thumbnail(row) as small:
        assert small.size < len(file.content)
    with pytest.raises(NotFound):
        thumbnail(row, long_side=160)


def test_thumbnail_of_other_sizes_and_kinds_is_refused(town: Town) -> None:
    row = attachment_of(handed_over(town, photo()))
    with pytest.raises(ValueError, match="321"):
        thumbnail(row, long_side=321)
    row.kind = "voice"
    with pytest.raises(NotFound):
        thumbnail(row)


# --- Orphans -----------------------------------------------------------------------------------------------


def aged(store: Path, content: Prepared, *, hours: float) -> Path:
    """The content's file, last written so long ago."""
    path = store / content_name(content.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.content)
    moment = (now() - timedelta(hours=hours)).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_sweep_takes_old_orphans_only(town: Town, store: Path) -> None:
    kept, young, old = photo(1), photo(2), photo(3)
    row = attachment_of(handed_over(town, kept))
    aged(store, kept, hours=90)
    aged(store, young, hours=23)
    gone = aged(store, old, hours=25)
    with thumbnail(row):
        pass
    (store / "readme.txt").write_text("not ours")
    assert sweep_orphans(at=now()) == 1
    assert not gone.exists()
    assert contents(store) == {
        content_name(kept.sha256),
        f"thumbnails/320/{content_name(kept.sha256)}",
        content_name(young.sha256),
        "readme.txt",
    }
    assert sweep_orphans(at=now()) == 0


def test_sweep_of_an_empty_storage_does_nothing(db: None, store: Path) -> None:
    store.rmdir()
    assert sweep_orphans(at=now()) == 0


@pytest.mark.django_db(transaction=True)
def test_sweep_leaves_what_is_being_kept(store: Path) -> None:
    town = build_town()
    file = photo()
    path = aged(store, file, hours=48)
    inserted, swept = threading.Event(), threading.Event()

    def hand_over() -> None:
        case = found(town).case
        with scope.act():
            keep(case, Act.objects.get(case=case), {"found": [file]})
            inserted.set()
            swept.wait(10)
        connection.close()

    keeper = threading.Thread(target=hand_over)
    keeper.start()
    assert inserted.wait(10)
    counted = sweep_orphans(at=now())
    swept.set()
    keeper.join()
    assert (counted, path.read_bytes()) == (0, file.content)
    assert sweep_orphans(at=now()) == 0


@pytest.mark.django_db(transaction=True)
def test_every_row_has_its_content_while_sweeps_run(store: Path) -> None:
    town = build_town()
    files = [photo(n) for n in range(3)]
    cases = [found(town).case for _ in range(12)]
    done = threading.Event()
    later = now() + timedelta(days=3)

    def keep_and_roll_back(case: Case, turn: int) -> None:
        for round_ in range(8):
            with suppress(InterruptedError), scope.act():
                keep(case, Act.objects.get(case=case), {"found": files})
                if round_ < 7 or turn % 2 == 0:
                    raise InterruptedError
        connection.close()

    def sweep() -> None:
        while not done.is_set():
            sweep_orphans(at=later)
        connection.close()

    sweeper = threading.Thread(target=sweep)
    keepers = [threading.Thread(target=keep_and_roll_back, args=(case, n)) for n, case in enumerate(cases)]
    sweeper.start()
    for thread in keepers:
        thread.start()
    for thread in keepers:
        thread.join()
    done.set()
    sweeper.join()
    with scope.use(scope.EVERYTHING):
        assert Attachment.objects.count() == 6 * len(files)
    assert contents(store) == {content_name(file.sha256) for file in files}


# --- Verification ------------------------------------------------------------------------------------------


def findings() -> list[str]:
    with scope.use(scope.EVERYTHING):
        return [finding.code for finding in attachments_agree()]


@pytest.fixture
def kept(town: Town, store: Path) -> Path:
    """A closed case with two photos; the path of the first."""
    first = photo(1)
    handed_over(town, first, photo(2))
    assert findings() == []
    return store / content_name(first.sha256)


def test_verify_is_content_with_what_was_kept(kept: Path) -> None:
    assert kept.exists()
    assert verify() == []


def test_verify_finds_a_changed_content(kept: Path) -> None:
    changed = bytearray(kept.read_bytes())
    changed[len(changed) // 2] ^= 1
    kept.write_bytes(changed)
    assert findings() == ["file_changed"]


def test_verify_finds_a_missing_content(kept: Path) -> None:
    kept.unlink()
    assert [finding.code for finding in verify()] == ["file_missing"]


def test_verify_finds_a_row_that_the_log_does_not_name(kept: Path, store: Path, town: Town) -> None:
    case = found(town).case
    with scope.act():
        keep(case, Act.objects.get(case=case), {"found": [photo(9)]})
    assert kept.exists()
    assert findings() == ["files_differ"]


def test_verify_finds_a_row_that_is_gone(kept: Path) -> None:
    assert kept.exists()
    with scope.use(scope.EVERYTHING), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_attachment DISABLE TRIGGER append_only")
        cursor.execute("DELETE FROM cases_attachment WHERE id = (SELECT max(id) FROM cases_attachment)")
        cursor.execute("ALTER TABLE cases_attachment ENABLE TRIGGER append_only")
    assert findings() == ["files_differ"]
