"""The pictures of the replayed year, each drawn and made ready once, while the first cases are already under way."""

import io
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from lianxin.kernel.files.prepared import Prepared
from lianxin.kernel.files.preparing import prepare
from lianxin.replay.media import SCENES, picture

SEEDS = 2
_PHOTO = frozenset({"photo"})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A scene as the phone sends it, ready to be kept, and ready as seen from nearer by."""

    sent: bytes
    ready: Prepared
    nearer: Prepared


Pictures = dict[tuple[str, int, bool], Future[Drawn]]


def begin_drawing() -> Pictures:
    """Every scene before and after its repair, in a thread of its own: drawing needs no database."""
    studio = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pictures")
    drawn = {
        (scene, seed, fixed): studio.submit(_draw, scene, seed, fixed)
        for seed in range(SEEDS)
        for scene in SCENES
        for fixed in (False, True)
    }
    studio.shutdown(wait=False)
    return drawn


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


def _draw(scene: str, seed: int, fixed: bool) -> Drawn:  # noqa: FBT001 - submitted to a thread by position
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
