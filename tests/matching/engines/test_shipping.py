"""What is sent to the workers is enough for them, though nothing of ours is installed there."""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from zipfile import ZipFile

from lianxin.matching.engines.spark import pack
from lianxin.matching.features import form_batch

_WORK = """
import json, sys
sys.path[:0] = sys.argv[1:]
from lianxin.matching.features import form_batch
print(json.dumps([form_batch(["单晓清", "欧阳靖淳"]).to_pylist(), sorted(sys.modules)]))
"""


def test_a_bare_python_with_pyarrow_and_numpy_works_on_names_as_this_one_does(tmp_path: Path) -> None:
    sent, there = tmp_path / "sent", tmp_path / "there"
    there.mkdir()
    for package in ("pyarrow", "numpy"):
        root = Path(str(files(package)))
        for part in root.parent.glob(f"{package}*"):
            (there / part.name).symlink_to(part)
    with ZipFile(pack(tmp_path / "names.zip")) as archive:
        archive.extractall(sent)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _WORK, str(sent), str(there)],
        capture_output=True,
        text=True,
        check=True,
    )
    found, modules = json.loads(done.stdout)
    assert found == form_batch(["单晓清", "欧阳靖淳"]).to_pylist()
    assert not {"duckdb", "splink", "django"} & set(modules)
