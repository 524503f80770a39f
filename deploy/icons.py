"""The CRM's icons for a home screen, drawn from the same circles as img/heming.svg: `python -m deploy.icons`.

Android wants PNGs; drawing two rings needs no program but this one, and a test sees that the files are what it draws.
"""

import math
import struct
import zlib

from deploy.environment import ROOT
from deploy.png import SIGNATURE, chunk

FOLDER = ROOT / "static" / "img"
GROUND, TEAL, INDIGO = (0x14, 0x18, 0x1F), (0x3C, 0xC9, 0xB8), (0x98, 0xA2, 0xFF)
RINGS = ((12.4, 16.0, TEAL), (19.6, 16.0, INDIGO))
SIDE, CORNER, RADIUS, STROKE = 32.0, 8.0, 7.2, 2.4
# name: pixels, and whether a mask may cut the edges, so that the drawing keeps to the inner four fifths
ICONS = {"heming-192": (192, False), "heming-512": (512, False), "heming-512-maskable": (512, True)}

Colour = tuple[int, int, int]


def main() -> None:
    """Write them all."""
    for name, (size, maskable) in ICONS.items():
        (FOLDER / f"{name}.png").write_bytes(draw(size, maskable))


def draw(size: int, maskable: bool) -> bytes:
    """One icon as PNG with transparency."""
    scale = SIDE / size
    rows = b"".join(
        b"\0" + b"".join(_pixel((x + 0.5) * scale, (y + 0.5) * scale, scale, maskable) for x in range(size))
        for y in range(size)
    )
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0))
    return SIGNATURE + head + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def _pixel(x: float, y: float, scale: float, maskable: bool) -> bytes:
    """The colour at a point of the 32 by 32 drawing; edges are as soft as a pixel is wide."""
    alpha = 255 if maskable else round(255 * _inside(-_from_edge(x, y), scale))
    if maskable:
        x, y = ((at - SIDE / 2) / 0.8 + SIDE / 2 for at in (x, y))
    colour = GROUND
    for centre_x, centre_y, ring in RINGS:
        near = STROKE / 2 - abs(math.hypot(x - centre_x, y - centre_y) - RADIUS)
        colour = _mix(colour, ring, _inside(near, scale))
    return bytes((*colour, alpha))


def _from_edge(x: float, y: float) -> float:
    """How far outside the rounded square; negative inside."""
    dx, dy = (abs(at - SIDE / 2) - (SIDE / 2 - CORNER) for at in (x, y))
    return math.hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - CORNER


def _inside(depth: float, pixel: float) -> float:
    """
    >>> _inside(1, 0.1), _inside(0, 0.1), _inside(-1, 0.1)
    (1.0, 0.5, 0.0)
    """
    return min(1.0, max(0.0, depth / pixel + 0.5))


def _mix(under: Colour, over: Colour, share: float) -> Colour:
    red, green, blue = (round(low + (high - low) * share) for low, high in zip(under, over, strict=True))
    return red, green, blue


if __name__ == "__main__":
    main()
