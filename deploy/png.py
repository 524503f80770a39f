"""Small PNGs with the standard library alone: a screenshot's few colours fit a palette, in a third of the room.

Reads what a browser writes: 8 bits a channel, RGB or RGBA, not interlaced.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {2: 3, 6: 4}  # PNG's colour type → bytes per pixel
PALETTE = 256


class NotThatKind(ValueError):
    """Another kind of PNG, or none."""


def shrink(png: bytes) -> bytes:
    """The same picture with at most 256 colours; never larger than what came in."""
    width, height, pixels = _read(png)
    counts = Counter(pixels)
    palette = [colour for colour, _ in counts.most_common(PALETTE)]
    index = {colour: number for number, colour in enumerate(palette)}
    for colour in counts.keys() - index.keys():
        index[colour] = _nearest(colour, palette)
    body = bytes(index[colour] for colour in pixels)
    rows = b"".join(b"\0" + body[start : start + width] for start in range(0, width * height, width))
    small = b"".join(
        (
            SIGNATURE,
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            chunk(b"PLTE", b"".join(palette)),
            chunk(b"IDAT", zlib.compress(rows, 9)),
            chunk(b"IEND", b""),
        )
    )
    return min(small, png, key=len)


def _read(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and every pixel's three bytes."""
    if not png.startswith(SIGNATURE):
        raise NotThatKind("no PNG")
    chunks = list(_chunks(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if depth != 8 or interlaced or kind not in CHANNELS:
        raise NotThatKind("a PNG that no browser writes")
    size = CHANNELS[kind]
    raw = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    pixels: list[bytes] = []
    above = bytearray(width * size)
    for start in range(0, height * (width * size + 1), width * size + 1):
        row = bytearray(raw[start + 1 : start + 1 + width * size])
        _unfilter(raw[start], row, above, size)
        pixels += [bytes(row[at : at + 3]) for at in range(0, len(row), size)]
        above = row
    return width, height, pixels


def _unfilter(kind: int, row: bytearray, above: bytearray, size: int) -> None:
    """Undo the row's prediction (PNG specification, 9.2)."""
    for at, value in enumerate(row):
        left = row[at - size] if at >= size else 0
        up = above[at]
        if kind == 1:
            value += left
        elif kind == 2:
            value += up
        elif kind == 3:
            value += (left + up) // 2
        elif kind == 4:
            value += _paeth(left, up, above[at - size] if at >= size else 0)
        row[at] = value & 255


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    distances = abs(guess - left), abs(guess - up), abs(guess - corner)
    if distances[0] <= distances[1] and distances[0] <= distances[2]:
        return left
    return up if distances[1] <= distances[2] else corner


def _nearest(colour: bytes, palette: list[bytes]) -> int:
    red, green, blue = colour

    def distance(number: int) -> int:
        other = palette[number]
        return (red - other[0]) ** 2 + (green - other[1]) ** 2 + (blue - other[2]) ** 2

    return min(range(len(palette)), key=distance)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def chunk(name: bytes, body: bytes) -> bytes:
    """A part of the file: length, name, body, checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
