"""The register of procedures, reading and revising them."""

from datetime import date

import pytest

from lianxin.kernel import scope
from lianxin.safety.models import Procedure, ProcedureVersion, ReadDuty, Reading
from lianxin.safety.services.procedures import publish_procedure, publish_version
from tests.safety.conftest import NOON, Cast
from tests.web.casework.conftest import Browser

OLD = [("1", "吊装前检查限位器"), ("2", "人员撤离")]
NEW = [("1", "吊装前检查限位器和钢丝绳"), ("2", "人员撤离"), ("3", "专人监护")]


@pytest.fixture
def procedure(cast: Cast) -> Procedure:
    """A procedure in its second version, which the worker has to read."""
    assert cast.worker.person is not None
    first = publish_procedure(
        cast.plant, title="吊装规程", clauses=OLD, effective_on=date(2025, 7, 1), actor=cast.manager, at=NOON
    )
    publish_version(
        first.procedure,
        clauses=NEW,
        effective_on=date(2025, 8, 1),
        actor=cast.manager,
        at=NOON,
        readers=[cast.worker.person],
    )
    return first.procedure


def test_procedures_lists_what_is_to_be_read(cast: Cast, procedure: Procedure, signed: Browser) -> None:
    page = signed(cast.worker).get("/safety/procedures/").content.decode()
    assert "您还要读的" in page
    assert "吊装规程" in page


def test_procedures_says_which_version_is_in_force_and_which_is_to_come(
    cast: Cast, procedure: Procedure, signed: Browser
) -> None:
    client = signed(cast.worker)
    page = client.get("/safety/procedures/").content.decode()
    assert ("现行第 2 版" in page, "版生效：" in page) == (True, False)
    publish_version(procedure, clauses=OLD, effective_on=date(2999, 1, 4), actor=cast.manager, at=NOON)
    page = client.get("/safety/procedures/").content.decode()
    assert "现行第 2 版" in page
    assert "第 3 版生效：" in page
    assert "2999年1月4日" in page


def test_procedures_of_another_enterprise_are_not_there(
    cast: Cast, procedure: Procedure, signed: Browser
) -> None:
    client = signed(cast.other_manager)
    assert "吊装规程" not in client.get("/safety/procedures/").content.decode()
    assert client.get(f"/safety/procedures/{procedure.pk}/").status_code == 404
    assert client.get(f"/safety/procedures/{procedure.pk}/1/print/").status_code == 404
    assert client.post(f"/safety/procedures/{procedure.pk}/1/read/").status_code == 404


def test_procedure_marks_what_changed(cast: Cast, procedure: Procedure, signed: Browser) -> None:
    page = signed(cast.worker).get(f"/safety/procedures/{procedure.pk}/").content.decode()
    assert "<ins>和钢丝绳</ins>" in page
    assert "新增" in page
    assert "未变" in page


def test_procedure_shows_its_readers_to_the_manager_alone(
    cast: Cast, procedure: Procedure, signed: Browser
) -> None:
    address = f"/safety/procedures/{procedure.pk}/"
    assert "谁须阅读" in signed(cast.manager).get(address).content.decode()
    assert "职**" in signed(cast.manager).get(address).content.decode()
    assert "谁须阅读" not in signed(cast.worker).get(address).content.decode()


def test_read_is_noted_once(cast: Cast, procedure: Procedure, signed: Browser) -> None:
    client = signed(cast.worker)
    for _ in range(2):
        assert client.post(f"/safety/procedures/{procedure.pk}/2/read/").status_code == 303
    assert Reading.objects.count() == 1
    assert "您已读过这一版" in client.get(f"/safety/procedures/{procedure.pk}/").content.decode()
    assert "您还要读的" not in client.get("/safety/procedures/").content.decode()


def test_board_marks_the_new_clauses(cast: Cast, procedure: Procedure, signed: Browser) -> None:
    page = signed(cast.manager).get(f"/safety/procedures/{procedure.pk}/2/print/").content.decode()
    assert page.count("（本版新改）") == 2


def test_publish_makes_everybody_of_the_enterprise_a_reader(cast: Cast, signed: Browser) -> None:
    data = {
        "enterprise": cast.plant.pk,
        "title": "动火规程",
        "clauses": "1 清理可燃物\n2. 配灭火器\n作业后留守半小时",
        "effective_on": "2025-09-01",
        "everybody": "on",
    }
    answer = signed(cast.manager).post("/safety/procedures/new/", data)
    assert answer.status_code == 303
    version = ProcedureVersion.objects.get()
    assert [number for number, _ in version.clauses] == ["1", "2", "3"]
    assert ReadDuty.objects.filter(version=version).count() == 2


def test_publish_unchanged_is_refused(cast: Cast, procedure: Procedure, signed: Browser) -> None:
    clauses = "\n".join(f"{number} {text}" for number, text in NEW)
    data = {"clauses": clauses, "effective_on": "2025-09-01"}
    answer = signed(cast.manager).post(f"/safety/procedures/{procedure.pk}/new/", data)
    assert answer.status_code == 422
    assert "与现行版本相同" in answer.content.decode()


def test_publish_is_not_for_a_worker(cast: Cast, procedure: Procedure, signed: Browser) -> None:
    data = {"clauses": "1 新条文", "effective_on": "2025-09-01"}
    assert signed(cast.worker).post(f"/safety/procedures/{procedure.pk}/new/", data).status_code in {403, 422}
    with scope.use(scope.EVERYTHING):
        assert ProcedureVersion.objects.filter(procedure=procedure).count() == 2
