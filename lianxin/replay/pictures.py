"""The pictures of the replayed year, each drawn and made ready once, while the first cases are already under way."""

import io
import multiprocessing
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from multiprocessing.connection import Connection

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from lianxin.kernel.files.prepared import Prepared
from lianxin.kernel.files.preparing import prepare
from lianxin.replay.media import SCENES, picture

SEEDS = 2
_PHOTO = frozenset({"photo"})
# What the first weeks of the year ask for, which would have to wait for them in another order.
_FIRST = [
    ("guard_rail", 0),
    ("aisle", 1),
    ("cabinet", 0),
    ("gas_alarm", 1),
    ("extinguishers", 0),
    ("tank_valve", 1),
    ("cabinet", 1),
    ("gas_alarm", 0),
    ("extinguishers", 1),
    ("guard_rail", 1),
]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A scene as the phone sends it, ready to be kept, and ready as seen from nearer by."""

    sent: bytes
    ready: Prepared
    nearer: Prepared


# A scene, what its light and camera are drawn from, and whether the fault is repaired.
Scene = tuple[str, int, bool]
Pictures = dict[Scene, Future[Drawn]]


def begin_drawing() -> Pictures:
    """Every scene before and after its repair, in a process of its own: drawing needs no database.

    A thread of this one would have every answer of the database wait for its turn.
    """
    apart = multiprocessing.get_context("spawn")
    here, there = apart.Pipe(duplex=False)
    views = [(scene, seed) for seed in range(SEEDS) for scene in SCENES]
    views.sort(key=lambda view: _FIRST.index(view) if view in _FIRST else len(_FIRST))
    pictures: Pictures = {(*view, fixed): Future() for view in views for fixed in (False, True)}
    studio = apart.Process(target=_draw_all, args=(there, list(pictures)), name="pictures", daemon=True)
    studio.start()
    there.close()
    threading.Thread(target=_receive, args=(here, pictures), name="pictures", daemon=True).start()
    return pictures


def upload(pictures: Pictures, scene: str, seed: int) -> SimpleUploadedFile:
    """The photo of a fault as a worker's phone sends it."""
    drawn = pictures[scene, seed % SEEDS, False].result()
    return SimpleUploadedFile("photo.jpg", drawn.sent, content_type="image/jpeg")


def before(pictures: Pictures, scene: str, seed: int) -> list[Prepared]:
    """The place before the repair."""
    return [pictures[scene, seed % SEEDS, False].result().ready]


def after(pictures: Pictures, scene: str, seed: int) -> list[Prepared]:
    """The same place after the repair."""
    return [pictures[scene, seed % SEEDS, True].result().ready]


def on_site(pictures: Pictures, scene: str, seed: int, *, fixed: bool = True) -> list[Prepared]:
    """The place as the expert saw it on site, from nearer by."""
    return [pictures[scene, seed % SEEDS, fixed].result().nearer]


def _draw_all(there: Connection, scenes: list[Scene]) -> None:
    """What the studio does; it ends with its work, or when nobody is there to take it."""
    try:
        for scene in scenes:
            there.send(_draw(*scene))
    except (BrokenPipeError, KeyboardInterrupt):
        return


def _receive(here: Connection, pictures: Pictures) -> None:
    """Hand each drawing to whoever waits for it, in the order in which they are drawn."""
    with here:
        for waiting in pictures.values():
            try:
                waiting.set_result(here.recv())
            except EOFError:
                waiting.set_exception(RuntimeError("the process that draws the pictures has ended early"))


def _draw(scene: str, seed: int, fixed: bool) -> Drawn:  # noqa: FBT001 - the parts of a scene, in their order
    sent = picture(scene, seed=seed, fixed=fixed)
    return Drawn(sent, _ready(sent), _ready(_nearer(sent)))


def _ready(content: bytes) -> Prepared:
    return prepare(content, field="photo", kinds=_PHOTO)


def _nearer(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.size
        part = image.crop((width // 8, height // 8, width * 7 // 8, height * 7 // 8))
    sink = io.BytesIO()
    part.resize((width, height), Image.Resampling.BILINEAR).save(sink, "JPEG", quality=74)
    return sink.getvalue()
