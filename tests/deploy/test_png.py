import struct
import zlib

import pytest

from deploy import png


def picture(width: int, height: int, colours: int, kind: int = 2) -> bytes:
    """Rows in all five of PNG's filters, so that reading must undo each."""
    size = png.CHANNELS[kind]
    rows, above = [], bytearray(width * size)
    for y in range(height):
        row = bytearray()
        for x in range(width):
            value = (x * 7 + y * 13) % colours
            row += bytes((value % 256, value // 256 * 40 % 256, 90, 255)[:size])
        rows.append(bytes([y % 5]) + _filtered(y % 5, row, above, size))
        above = row
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return b"".join(
        (
            png.SIGNATURE,
            png.chunk(b"IHDR", header),
            png.chunk(b"IDAT", zlib.compress(b"".join(rows), 0)),
            png.chunk(b"IEND", b""),
        )
    )


def _filtered(kind: int, row: bytearray, above: bytearray, size: int) -> bytes:
    out = bytearray()
    for at, value in enumerate(row):
        left = row[at - size] if at >= size else 0
        corner = above[at - size] if at >= size else 0
        guess = (0, left, above[at], (left + above[at]) // 2, png._paeth(left, above[at], corner))[kind]
        out.append((value - guess) & 255)
    return bytes(out)


def pixels(data: bytes) -> list[bytes]:
    """The pixels of a palette picture."""
    chunks = dict(png._chunks(data))
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    raw, palette = zlib.decompress(chunks[b"IDAT"]), chunks[b"PLTE"]
    rows = [raw[start + 1 : start + 1 + width] for start in range(0, height * (width + 1), width + 1)]
    return [palette[3 * number : 3 * number + 3] for row in rows for number in row]


@pytest.mark.parametrize("kind", [2, 6])
def test_a_picture_of_few_colours_stays_the_same_to_the_pixel_and_gets_small(kind):
    before = picture(40, 30, 200, kind)

    after = png.shrink(before)

    assert pixels(after) == png._read(before)[2]
    assert len(after) < len(before) / 2


def test_of_many_colours_the_rarer_ones_become_their_neighbours():
    after = png.shrink(picture(60, 50, 600))

    assert len(set(pixels(after))) <= 256


def test_what_is_no_picture_of_a_browser_is_refused():
    with pytest.raises(png.NotThatKind):
        png.shrink(b"GIF89a")
