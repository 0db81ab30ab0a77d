"""The building blocks of the demo's pictures: colours, motifs, tinting, soft shadows.

Everything cached here depends on sizes alone, so that a run over hundreds of pictures pays once.
"""

import math
from functools import cache, lru_cache
from itertools import pairwise, product
from pathlib import Path

from PIL import Image, ImageChops, ImageColor, ImageDraw, ImageFilter, ImageOps

type Colour = tuple[int, int, int]

EMOJI = Path(__file__).parent / "content" / "emoji"
WARM_WHITE: Colour = (255, 251, 244)
MOTIF_SIZE = 640
REPAINTED = {"1fad8": "#6f4529"}  # the font draws kidney beans; ours are coffee
RESAMPLE = Image.Resampling.LANCZOS


def rgb(text: str) -> Colour:
    """Return `#rrggbb` as three numbers."""
    red, green, blue = ImageColor.getrgb(text)[:3]
    return red, green, blue


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return the colour `share` of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


@lru_cache(maxsize=256)
def emoji(code: str) -> Image.Image:
    """Return an emoji's picture, cut to its visible part (RGBA).

    Raises:
        FileNotFoundError: the content folder lacks the emoji.
    """
    picture = Image.open(EMOJI / f"{code}.webp").convert("RGBA")
    picture = picture.crop(picture.getchannel("A").point(lambda a: 255 * (a > 24)).getbbox())
    return tinted(picture, rgb(REPAINTED[code])) if code in REPAINTED else picture


def gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """Return a vertical gradient (RGB)."""
    strip = Image.new("RGB", (1, 64))
    for row in range(64):
        strip.putpixel((0, row), mix(top, bottom, row / 63))
    tall = strip.resize((1, size[1]), Image.Resampling.BICUBIC)
    return tall.resize(size, Image.Resampling.NEAREST)


@lru_cache(maxsize=64)
def soft_ellipse(width: int, height: int, blur: int) -> Image.Image:
    """Return a blurred ellipse as a mask with room for the blur around it."""
    mask = Image.new("L", (width + 4 * blur, height + 4 * blur))
    ImageDraw.Draw(mask).ellipse((2 * blur, 2 * blur, width + 2 * blur, height + 2 * blur), 255)
    return mask.filter(ImageFilter.GaussianBlur(blur))


def shade(canvas: Image.Image, centre: tuple[int, int], width: int, strength: float) -> None:
    """Lay the shadow of a thing of that width on the floor under its foot."""
    for share, blur, weight in ((1.0, 18, 0.5), (0.72, 8, 0.6)):
        wide = max(12, int(width * share) // 8 * 8)
        mask = soft_ellipse(wide, max(8, wide // 7), blur)
        corner = (centre[0] - mask.width // 2, centre[1] - mask.height // 2)
        canvas.paste((62, 44, 34), corner, mask.point(lambda v, k=weight: int(v * strength * k)))


def tinted(thing: Image.Image, tint: Colour) -> Image.Image:
    """Return the thing with its main colour replaced, light and shade kept."""
    mask = _main_colour(thing)
    grey = thing.convert("L")
    middle = min(220, max(40, int(_mean(grey, mask))))
    dark, light = mix(tint, (24, 16, 20), 0.62), mix(tint, (255, 255, 255), 0.62)
    coloured = ImageOps.colorize(grey, dark, light, mid=tint, midpoint=middle).convert("RGBA")
    result = Image.composite(coloured, thing, mask)
    result.putalpha(thing.getchannel("A"))
    return result


def _mean(grey: Image.Image, mask: Image.Image) -> float:
    counts = grey.histogram(mask.point(lambda v: 255 * (v > 128)))
    return sum(level * count for level, count in enumerate(counts)) / max(1, sum(counts))


@lru_cache(maxsize=128)
def _main_hue(pixels: bytes, size: tuple[int, int]) -> int | None:
    hue, saturation, _ = Image.frombytes("RGB", size, pixels).convert("HSV").split()
    counts = hue.histogram(saturation.point(lambda v: 255 * (v > 60)))
    if sum(counts) < size[0] * size[1] * 0.18:
        return None
    return max(range(256), key=lambda h: sum(counts[(h + d) % 256] for d in range(-8, 9)))


def _main_colour(thing: Image.Image) -> Image.Image:
    plain = Image.new("RGB", thing.size, (128, 128, 128))
    plain.paste(thing, mask=thing.getchannel("A"))
    main = _main_hue(plain.resize((64, 64)).tobytes(), (64, 64))
    if main is None:
        return Image.new("L", thing.size, 255)
    hue, saturation, _ = plain.convert("HSV").split()
    near = hue.point(lambda h: 255 if min((h - main) % 256, (main - h) % 256) < 40 else 0)
    vivid = saturation.point(lambda s: min(255, max(0, (s - 18) * 7)))
    return ImageChops.multiply(near, vivid).filter(ImageFilter.GaussianBlur(0.8))


def printed(thing: Image.Image, name: str, tint: Colour) -> Image.Image:
    """Return the thing with a batik or woven motif on its main colour."""
    area = ImageChops.multiply(_main_colour(thing), thing.getchannel("A"))
    lines = (
        motif(name, 320).crop((0, 0, *thing.size))
        if max(thing.size) <= 320
        else (motif(name, MOTIF_SIZE).crop((0, 0, *thing.size)))
    )
    ink = ImageChops.multiply(area, lines).point(lambda v: int(v * 0.72))
    light = sum(tint) > 330
    colour = mix(tint, (40, 22, 16), 0.68) if light else mix(tint, (250, 228, 186), 0.72)
    result = thing.copy()
    result.paste(colour, mask=ink)
    result.putalpha(thing.getchannel("A"))
    return result


@cache
def motif(name: str, size: int = MOTIF_SIZE) -> Image.Image:
    """Return a motif's lines as a square mask of that size.

    Raises:
        KeyError: no such motif.
    """
    tile = MOTIFS[name]()
    step = tile.width * 7 // 10
    small = tile.resize((step, step), RESAMPLE)
    mask = Image.new("L", (size, size))
    for x, y in product(range(0, size, step), range(0, size, step)):
        mask.paste(small, (x, y))
    return mask


def _tile(size: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (size, size))
    return image, ImageDraw.Draw(image)


def _kawung() -> Image.Image:
    image, draw = _tile(112)
    for x, y in product((0, 112), (0, 112)):
        _petals(draw, x, y, 52)
    _petals(draw, 56, 56, 52)
    return image


def _petals(draw: ImageDraw.ImageDraw, x: int, y: int, reach: int) -> None:
    for quarter in range(4):
        angle = math.pi / 4 + quarter * math.pi / 2
        points = []
        for step in range(24):
            turn = step * math.tau / 24
            along, across = reach * (0.4 + 0.34 * math.cos(turn)), reach * 0.24 * math.sin(turn)
            points.append(
                (
                    x + along * math.cos(angle) - across * math.sin(angle),
                    y + along * math.sin(angle) + across * math.cos(angle),
                )
            )
        draw.polygon(points, fill=255)
        middle = (x + reach * 0.4 * math.cos(angle), y + reach * 0.4 * math.sin(angle))
        draw.circle(middle, 3, fill=0)
    draw.circle((x, y), 4, fill=255)


def _parang() -> Image.Image:
    image, draw = _tile(120)
    for shift in (-120, 0, 120):
        for step in range(-1, 5):
            x, y = shift + step * 30, 120 - step * 30
            draw.line((x - 60, y + 60, x + 60, y - 60), fill=0)
        draw.line((shift - 10, 130, shift + 130, -10), fill=255, width=7)
        draw.line((shift + 10, 130, shift + 150, -10), fill=150, width=3)
        for step in range(4):
            x, y = shift + 38 + step * 30, 120 - step * 30 + 22
            draw.pieslice((x - 20, y - 20, x + 20, y + 20), 20, 230, fill=230)
            draw.circle((x - 2, y - 2), 6, fill=0)
    return image


def _mega() -> Image.Image:
    image, draw = _tile(180)
    for x, y in ((0, 60), (180, 60), (90, 150), (90, -30), (-90, 150), (270, 150)):
        for ring in range(5):
            reach = 70 - ring * 14
            for lobe, lift in ((-0.8, 0), (0, -0.55), (0.8, 0)):
                cx, cy = x + lobe * reach, y + lift * reach
                half = reach * 0.6
                box = (cx - half, cy - half, cx + half, cy + half * 0.8)
                draw.arc(box, 180, 360, fill=255 - ring * 26, width=5)
    return image


def _truntum() -> Image.Image:
    image, draw = _tile(72)
    for x, y, reach in ((18, 18, 15), (54, 54, 15), (54, 18, 6), (18, 54, 6)):
        for ray in range(8):
            angle = ray * math.pi / 4
            end = (x + reach * math.cos(angle), y + reach * math.sin(angle))
            draw.line(((x, y), end), fill=255, width=3)
            draw.circle(end, 2, fill=255)
    return image


def _ceplok() -> Image.Image:
    image, draw = _tile(128)
    draw.polygon(((64, 0), (128, 64), (64, 128), (0, 64)), outline=255, width=5)
    draw.polygon(((64, 12), (116, 64), (64, 116), (12, 64)), outline=140, width=2)
    _flower(draw, 64, 64, 30, 8)
    for x, y in product((0, 128), (0, 128)):
        _flower(draw, x, y, 34, 6)
    return image


def _flower(draw: ImageDraw.ImageDraw, x: int, y: int, reach: int, petals: int) -> None:
    for petal in range(petals):
        angle = petal * math.tau / petals
        cx, cy = x + reach * 0.62 * math.cos(angle), y + reach * 0.62 * math.sin(angle)
        draw.circle((cx, cy), reach * 0.32, fill=235, outline=120, width=2)
    draw.circle((x, y), reach * 0.3, fill=110, outline=255, width=3)


def _bunga() -> Image.Image:
    image, draw = _tile(170)
    draw.arc((-40, 20, 120, 180), 250, 20, fill=170, width=4)
    draw.arc((60, -60, 220, 100), 70, 200, fill=170, width=4)
    for x, y, reach in ((46, 46, 36), (128, 122, 30), (134, 30, 16), (40, 132, 18)):
        _flower(draw, x, y, reach, 5)
    for x, y in ((88, 80), (94, 150), (86, 18), (10, 92)):
        draw.ellipse((x - 14, y - 6, x + 14, y + 6), fill=170)
    return image


def _tenun() -> Image.Image:
    image, draw = _tile(120)
    for y, width in ((4, 6), (14, 2), (106, 2), (116, 6)):
        draw.line((0, y, 120, y), fill=255, width=width)
    for x in (0, 40, 80):
        for inset, level in ((0, 255), (8, 0), (14, 230)):
            half, tall = 20 - inset, 38 - inset * 1.8
            if half > 0 and tall > 0:
                centre = x + 20
                corners = ((centre, 60 - tall), (centre + half, 60), (centre, 60 + tall))
                draw.polygon((*corners, (centre - half, 60)), fill=level)
    return image


def _ikat() -> Image.Image:
    image, draw = _tile(160)
    steps = [(0, 30), (20, 10), (40, 30), (60, 10), (80, 30), (100, 10), (120, 30), (140, 10)]
    steps.append((160, 30))
    for low, level in ((0, 255), (14, 150), (120, 255), (134, 150)):
        for one, other in pairwise(steps):
            draw.line((one[0], one[1] + low, other[0], other[1] + low), fill=level, width=6)
    for x in (40, 120):
        for half in (34, 22, 10):
            shape = ((x, 84 - half), (x + half, 84), (x, 84 + half), (x - half, 84))
            draw.polygon(shape, outline=255, width=6)
    return image


def _zigzag() -> Image.Image:
    image, draw = _tile(96)
    for low, level, width in (
        (0, 255, 12),
        (24, 130, 8),
        (48, 220, 12),
        (72, 90, 8),
        (96, 255, 12),
    ):
        points = [(0, low + 12), (24, low - 12), (48, low + 12), (72, low - 12), (96, low + 12)]
        draw.line(points, fill=level, width=width)
    return image


MOTIFS = {
    "kawung": _kawung,
    "parang": _parang,
    "mega": _mega,
    "truntum": _truntum,
    "ceplok": _ceplok,
    "bunga": _bunga,
    "tenun": _tenun,
    "ikat": _ikat,
    "zigzag": _zigzag,
}
