"""Drawn evidence and hummed notes: the same every time, different from place to place, taken like real ones."""

import io
import wave

import pytest
from PIL import Image, ImageChops, ImageStat

from lianxin.kernel.files.preparing import prepare
from lianxin.replay.media import SCENES, picture, voice_note


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def difference(one: bytes, other: bytes) -> float:
    """Mean difference of two pictures of one size, of 255."""
    return sum(ImageStat.Stat(ImageChops.difference(opened(one), opened(other))).mean) / 3


@pytest.mark.parametrize("scene", SCENES)
def test_picture_shows_a_fault_and_its_repair(scene: str) -> None:
    before, after = picture(scene, seed=4), picture(scene, fixed=True, seed=4)
    assert opened(before).size == (800, 600)
    assert len(before) < 60_000
    assert difference(before, after) > 2
    assert min(ImageStat.Stat(opened(before)).stddev) > 15


@pytest.mark.parametrize("scene", SCENES)
def test_picture_is_the_same_for_the_same_seed_only(scene: str) -> None:
    first = picture(scene, seed=1)
    picture.cache_clear()
    assert picture(scene, seed=1) == first
    assert picture(scene, seed=2) != first


def test_picture_of_an_unknown_scene_is_refused() -> None:
    with pytest.raises(KeyError):
        picture("volcano")


def test_voice_note_is_sound_of_the_asked_length() -> None:
    with wave.open(io.BytesIO(voice_note(seed=1, seconds=1.5))) as note:
        assert note.getnframes() / note.getframerate() == 1.5
        assert (note.getnchannels(), note.getsampwidth()) == (1, 2)
        samples = note.readframes(note.getnframes())
    assert len(set(samples)) > 100
    assert voice_note(seed=1, seconds=0.5) == voice_note(seed=1, seconds=0.5)
    assert voice_note(seed=1, seconds=0.5) != voice_note(seed=2, seconds=0.5)


def test_both_are_taken_as_evidence() -> None:
    assert prepare(picture("aisle"), field="x", kinds=frozenset({"photo"})).width == 800
    assert prepare(voice_note(seconds=0.5), field="x", kinds=frozenset({"voice"})).media_type == "audio/mp4"
