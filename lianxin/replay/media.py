"""Synthetic evidence: drawn workplaces before and after repair, and a hummed voice note.

Nothing comes from anywhere else: no photograph, no recording, no typeface. The same arguments give the same
bytes; another ``seed`` gives another place, light and camera angle.
"""

import io
import math
import random
import struct
import wave
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

from lianxin.replay.strokes import (
    CAGE,
    DARK,
    HEIGHT,
    RUST,
    STEEL,
    WIDTH,
    YELLOW,
    Sheet,
    blot,
    box,
    cylinder,
    glow,
    grating,
    pallet,
    panels,
    photographed,
    puddle,
    rod,
    room,
    rounded,
    segments,
    shade,
    shadow,
    shelf,
    stripes,
    tiles,
    windows,
    wire,
)


@lru_cache(maxsize=256)
def picture(scene: str, *, fixed: bool = False, seed: int = 0, size: tuple[int, int] = (800, 600)) -> bytes:
    """Draw one of ``SCENES`` as a JPEG of some 30 kB; ``size`` is in pixels. ``KeyError`` for another.

    The same scene and seed with ``fixed`` is the same place after the repair, seen from nearly the same spot.
    """
    chance = random.Random(f"{scene}:{seed}")  # noqa: S311 - a drawing, not a secret
    image = Image.new("RGB", (WIDTH, HEIGHT))
    sheet = Sheet(image, ImageDraw.Draw(image), chance, fixed)
    SCENES[scene](sheet)
    camera = random.Random(f"{scene}:{seed}:{fixed}")  # noqa: S311 - as above
    sink = io.BytesIO()
    # At its size first: what the camera does to it costs by the pixel.
    photographed(sheet.image.resize(size, Image.Resampling.LANCZOS), camera).save(sink, "JPEG", quality=72)
    return sink.getvalue()


def voice_note(*, seed: int = 0, seconds: float = 3.0) -> bytes:
    """A WAV of mono 16-bit samples at 16 kHz that rises and falls in syllables like speech without words."""
    chance = random.Random(f"voice:{seed}")  # noqa: S311 - as above
    rate = 16_000
    pitch, samples, phase = chance.uniform(110, 210), [], 0.0
    syllable, loud, breath = 0, 0.0, 0.0
    for index in range(int(rate * seconds)):
        if index >= syllable:
            syllable = index + int(rate * chance.uniform(0.12, 0.28))
            loud, pitch = chance.choice((0.0, 0.6, 0.8, 1.0)), pitch * chance.uniform(0.9, 1.11)
            pitch = min(240.0, max(95.0, pitch))
        breath += (loud - breath) / 600
        phase += 2 * math.pi * pitch / rate
        tone = sum(math.sin(phase * n) / n for n in (1, 2, 3, 5)) + chance.uniform(-0.15, 0.15)
        samples.append(int(9000 * breath * tone))
    sink = io.BytesIO()
    with wave.open(sink, "wb") as note:
        note.setnchannels(1)
        note.setsampwidth(2)
        note.setframerate(rate)
        note.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return sink.getvalue()


# --- Scenes ----------------------------------------------------------------------------------------------------


def _guard_rail(sheet: Sheet) -> None:
    """A platform edge: one stretch of the rail is missing, then welded back with a kick plate."""
    room(sheet, wall=(168, 178, 184), floor=(118, 116, 112), horizon=520)
    windows(sheet, top=90)
    edge = 760
    grating(sheet, edge)
    posts = [60, 330, 600, 870, 1140]
    gap = sheet.chance.choice((1, 2))
    for index, left in enumerate(posts):
        broken = not sheet.fixed and index == gap
        rod(sheet, (left, edge), (left + (26 if broken else 0), 640 if broken else 420), 22, YELLOW)
        box(sheet, (left - 26, edge - 8, left + 48, edge + 8), shade(YELLOW, 0.7))
    for index in range(len(posts) - 1):
        for height in (432, 580):
            start, end = (posts[index], height), (posts[index + 1], height)
            if sheet.fixed or index != gap:
                fresh = sheet.fixed and index == gap
                rod(sheet, start, end, 20, shade(YELLOW, 1.12) if fresh else YELLOW)
            else:
                rod(sheet, start, (start[0] + 62, height + 46), 20, shade(YELLOW, 0.82))
                blot(sheet, (start[0] + 62, height + 46), 12, RUST)
    if sheet.fixed:
        box(sheet, (0, edge - 62, WIDTH, edge - 8), shade(YELLOW, 0.94))
    stripes(sheet, (0, edge + 10, WIDTH, edge + 44))


def _tank_valve(sheet: Sheet) -> None:
    """A tank with an outlet valve: it drips into a puddle; then a new packing, dry floor and a tag."""
    room(sheet, wall=(196, 190, 176), floor=(132, 128, 120), horizon=620)
    cylinder(sheet, (120, 70, 700, 760), (172, 180, 184))
    for height in (160, 420, 680):
        cylinder(sheet, (112, height, 708, height + 16), (140, 146, 150))
    box(sheet, (300, 220, 520, 330), (236, 232, 214))
    for row in range(3):
        box(sheet, (324, 244 + row * 26, 324 + sheet.chance.randint(110, 170), 254 + row * 26), (90, 92, 90))
    rod(sheet, (690, 610), (1010, 610), 54, STEEL)
    for left in (730, 960):
        box(sheet, (left, 566, left + 26, 654), shade(STEEL, 0.8))
    box(sheet, (812, 560, 904, 660), shade(STEEL, 0.66))
    rod(sheet, (858, 560), (858, 470), 18, DARK)
    wheel = (190, 40, 34) if not sheet.fixed else (206, 44, 36)
    sheet.pen.ellipse((768, 436, 948, 496), outline=wheel, width=16)
    rod(sheet, (780, 466), (936, 466), 10, wheel)
    rod(sheet, (1010, 610), (1010, 800), 46, STEEL)
    if not sheet.fixed:
        puddle(sheet, (880, 836), (280, 62))
        for _ in range(5):
            spot = (858 + sheet.chance.uniform(-16, 16), sheet.chance.uniform(676, 800))
            blot(sheet, spot, sheet.chance.uniform(5, 9), (104, 124, 138))
        for _ in range(26):
            spot = (sheet.chance.uniform(806, 912), sheet.chance.uniform(566, 660))
            blot(sheet, spot, sheet.chance.uniform(4, 15), RUST)
    else:
        rod(sheet, (930, 480), (972, 532), 5, DARK)
        box(sheet, (946, 530, 1018, 622), (58, 140, 74))
        for row in range(2):
            box(sheet, (958, 552 + row * 26, 1006, 562 + row * 26), (236, 240, 232))


def _ladder(sheet: Sheet) -> None:
    """A fixed ladder: rungs broken off; then all rungs, a cage and a chain at the top."""
    room(sheet, wall=(158, 164, 158), floor=(112, 110, 106), horizon=770)
    panels(sheet, 190, 760)
    left, right = 500, 760
    missing = set() if sheet.fixed else set(sheet.chance.sample(range(3, 9), 2))
    for index in range(12):
        height = 70 + index * 70
        if index in missing:
            rod(sheet, (left, height), (left + 60, height + 40), 16, RUST)
            blot(sheet, (right, height), 16, RUST)
        else:
            worn = YELLOW if sheet.fixed else shade(YELLOW, 0.78)
            rod(sheet, (left, height), (right, height), 18, worn)
    for side in (left, right):
        rod(sheet, (side, 0), (side, 850), 30, YELLOW if sheet.fixed else shade(YELLOW, 0.84))
        for height in (180, 520, 800):
            box(sheet, (side - 34, height, side + 34, height + 22), shade(STEEL, 0.8))
    if sheet.fixed:
        for reach in (-84, -10, 130, 270, 344):
            rod(
                sheet,
                (left + reach, 0),
                (left + reach, 500 + 46 * math.sin((reach + 90) / 440 * math.pi)),
                14,
                CAGE,
            )
        for height in (100, 290, 480):
            sheet.pen.arc(
                (left - 90, height - 70, right + 90, height + 80), 0, 180, fill=shade(CAGE, 0.9), width=20
            )
    else:
        for _ in range(30):
            spot = (
                sheet.chance.choice((left, right)) + sheet.chance.uniform(-12, 12),
                sheet.chance.uniform(30, 830),
            )
            blot(sheet, spot, sheet.chance.uniform(3, 11), RUST)


def _gas_alarm(sheet: Sheet) -> None:
    """A gas alarm by a pipe: taped over and dark; then uncovered, with its green light on."""
    room(sheet, wall=(214, 208, 194), floor=(150, 144, 134), horizon=860)
    tiles(sheet, 96)
    rod(sheet, (150, 0), (150, 900), 52, (222, 186, 58))
    for height in (200, 600):
        box(sheet, (104, height, 196, height + 30), shade(STEEL, 0.75))
    rod(sheet, (1140, 0), (1140, 320), 16, (224, 224, 220))
    rod(sheet, (1140, 320), (860, 320), 16, (224, 224, 220))
    shadow(sheet, (442, 222, 872, 712))
    rounded(sheet, (430, 200, 860, 690), 46, (238, 238, 234))
    rounded(sheet, (470, 240, 820, 420), 20, (56, 66, 70) if sheet.fixed else (34, 36, 38))
    if sheet.fixed:
        for index, on in enumerate((0, 0, sheet.chance.randint(0, 9))):
            segments(sheet, (520 + index * 88, 280), on)
    for row in range(5):
        for column in range(9):
            blot(sheet, (512 + column * 33, 480 + row * 30), 8, (120, 122, 120))
    for index, colour in enumerate(((70, 214, 96), (120, 66, 28), (110, 34, 30))):
        dark = index > 0 or not sheet.fixed
        lamp = (556 + index * 92, 650)
        if not dark:
            glow(sheet, lamp, 70, (90, 230, 120))
        blot(sheet, lamp, 14, (74, 78, 74) if dark and not sheet.fixed else colour)
    if not sheet.fixed:
        _tape(sheet)


def _tape(sheet: Sheet) -> None:
    for index in range(4):
        top = 440 + index * 52
        tilt = sheet.chance.uniform(-26, 26)
        shape = [(448, top), (842, top + tilt), (842, top + 54 + tilt), (448, top + 54)]
        sheet.pen.polygon(shape, fill=shade((198, 176, 128), sheet.chance.uniform(0.9, 1.06)))
    for _ in range(40):
        spot = (sheet.chance.uniform(440, 850), sheet.chance.uniform(205, 680))
        blot(sheet, spot, sheet.chance.uniform(1.5, 5), (176, 168, 148))


def _aisle(sheet: Sheet) -> None:
    """A warehouse aisle to the fire exit: blocked by pallets; then clear, with fresh floor lines."""
    room(sheet, wall=(176, 182, 186), floor=(140, 138, 134), horizon=400)
    box(sheet, (540, 190, 740, 470), (86, 120, 98))
    box(sheet, (556, 206, 636, 470), (102, 138, 114))
    box(sheet, (644, 206, 724, 470), (102, 138, 114))
    glow(sheet, (640, 150), 130, (70, 210, 110))
    box(sheet, (572, 128, 708, 172), (34, 150, 80))
    sheet.pen.polygon([(600, 150), (626, 136), (626, 164)], fill=(240, 250, 242))
    box(sheet, (624, 145, 682, 155), (240, 250, 242))
    for side in (0, 1):
        shelf(sheet, side)
    line = (232, 196, 44) if sheet.fixed else (176, 160, 104)
    for near, far in ((250, 552), (1030, 728)):
        width = 34 if near < WIDTH / 2 else -34
        sheet.pen.polygon(
            [(near, HEIGHT), (near + width, HEIGHT), (far + width / 5, 470), (far, 470)], fill=line
        )
    if not sheet.fixed:
        for spot, large in (((560, 520), 0.55), ((690, 560), 0.66), ((520, 700), 1.0), ((740, 730), 1.05)):
            pallet(sheet, spot, large)


def _cabinet(sheet: Sheet) -> None:
    """A switch cabinet: open, wires hanging out; then shut and locked, with its warning sign."""
    room(sheet, wall=(188, 182, 170), floor=(124, 120, 114), horizon=840)
    panels(sheet, 320, 830)
    shadow(sheet, (412, 132, 892, 812))
    box(sheet, (400, 110, 880, 790), (150, 160, 164))
    if sheet.fixed:
        box(sheet, (418, 128, 862, 772), (172, 182, 186))
        box(sheet, (436, 146, 844, 754), (164, 174, 178))
        sheet.pen.polygon([(640, 270), (730, 430), (550, 430)], fill=DARK)
        sheet.pen.polygon([(640, 290), (714, 421), (566, 421)], fill=(244, 204, 40))
        bolt = [(648, 312), (616, 372), (638, 372), (628, 412), (664, 352), (640, 352)]
        sheet.pen.polygon(bolt, fill=DARK)
        rounded(sheet, (786, 430, 822, 540), 10, DARK)
        blot(sheet, (804, 462), 12, (196, 200, 200))
        for row in range(5):
            box(sheet, (520, 660 + row * 16, 760, 666 + row * 16), (120, 128, 132))
    else:
        box(sheet, (424, 134, 856, 766), (66, 70, 72))
        sheet.pen.polygon([(880, 110), (1120, 60), (1120, 850), (880, 790)], fill=(134, 144, 148))
        sheet.pen.polygon([(896, 136), (1100, 92), (1100, 814), (896, 764)], fill=(120, 130, 134))
        for row in range(3):
            for column in range(5):
                left, top = 450 + column * 80, 170 + row * 170
                box(sheet, (left, top, left + 62, top + 104), (214, 214, 206))
                box(sheet, (left + 22, top + 30, left + 40, top + 62), (40, 42, 46))
        for index in range(9):
            colour = sheet.chance.choice(((196, 40, 36), (40, 84, 170), (220, 180, 40), (54, 132, 66)))
            wire(sheet, (470 + index * 42, 610), (430 + sheet.chance.uniform(0, 480), 880), colour)


def _extinguishers(sheet: Sheet) -> None:
    """Fire extinguishers: one gone and the box dusty; then two of them, sealed and tagged."""
    room(sheet, wall=(206, 204, 198), floor=(128, 124, 120), horizon=740)
    shadow(sheet, (352, 402, 942, 842))
    box(sheet, (340, 380, 930, 820), (188, 34, 32))
    box(sheet, (366, 406, 904, 794), (84, 24, 24))
    for index, left in enumerate((420, 670)):
        if index == 1 and not sheet.fixed:
            continue
        cylinder(sheet, (left, 500, left + 170, 786), (206, 40, 36))
        cylinder(sheet, (left + 52, 450, left + 118, 508), (40, 42, 44))
        rod(sheet, (left + 60, 446), (left + 150, 430), 14, DARK)
        wire(sheet, (left + 112, 470), (left + 176, 700), DARK)
        box(sheet, (left + 34, 590, left + 136, 690), (238, 234, 222))
        colour = (64, 170, 80) if sheet.fixed else (190, 60, 50)
        blot(sheet, (left + 85, 476), 17, (240, 240, 236))
        blot(sheet, (left + 85, 476), 11, colour)
    if not sheet.fixed:
        for _ in range(240):
            spot = (sheet.chance.uniform(370, 900), sheet.chance.uniform(720, 792))
            blot(sheet, spot, sheet.chance.uniform(1.5, 5), (150, 136, 120))
    box(sheet, (450, 170, 820, 320), (200, 36, 34))
    box(sheet, (462, 182, 808, 308), (214, 44, 40))
    box(sheet, (520, 214, 750, 238), (246, 240, 232))
    box(sheet, (560, 258, 710, 276), (246, 240, 232))


SCENES: dict[str, Callable[[Sheet], None]] = {
    "guard_rail": _guard_rail,
    "tank_valve": _tank_valve,
    "ladder": _ladder,
    "gas_alarm": _gas_alarm,
    "aisle": _aisle,
    "cabinet": _cabinet,
    "extinguishers": _extinguishers,
}
