"""Photos as phones take them, made fit to keep: upright, not larger than a screen needs, without what a camera adds.

The place where it was taken is read only for whoever wants it kept; in the picture itself nothing of it is left.
"""

import io
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from base.ids import uuid7
from base.refusals import BadInput, Refused

MOST_BYTES = 10 * 2**20
MOST_PIXELS = 50_000_000
SIDE, SMALL_SIDE = 1600, 192
FORMATS = ("JPEG", "PNG", "WEBP")
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
ACCEPT = "image/jpeg,image/png,image/webp"


class PhotoTooLarge(Refused):
    """A photo is not a film."""

    message = _("The photo has {size} MB; up to {most} MB fit.")
    status = 413
    field = "photo"


class HeicPhoto(Refused):
    """What only the maker's own devices read; who can decode it for everybody may not give that to us."""

    message = _(
        "This photo is HEIC, which cannot be read here. Choose “Most compatible” in the formats of the phone's camera, "
        "or send it as JPEG."
    )
    status = 415
    field = "photo"


@dataclass(frozen=True)
class Picture:
    """A photo as it is kept."""

    data: bytes
    width: int
    height: int
    place: tuple[Decimal, Decimal] | None


def read(data: bytes) -> Picture:
    """The picture in the file, as JPEG."""
    if len(data) > MOST_BYTES:
        raise PhotoTooLarge(size=round(len(data) / 2**20, 1), most=MOST_BYTES // 2**20)
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        raise HeicPhoto()
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadInput(why=_("The photo has too many pixels."), field="photo")
            place = _place(image)
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((SIDE, SIDE))
            return _kept(upright.convert("RGB"), place)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, MemoryError):
        raise BadInput(why=_("This is no photo that can be read; send a JPEG, PNG or WebP."), field="photo") from None


def draw_small(path: Path, small: Path) -> None:
    """The photo at `path`, as the timeline shows it."""
    with Image.open(path, formats=("JPEG",)) as image:
        cut = ImageOps.fit(image.convert("RGB"), (SMALL_SIDE, SMALL_SIDE))
    draft = small.with_suffix(f".{uuid7()}")
    cut.save(draft, "JPEG", quality=78, optimize=True)
    draft.replace(small)


def _kept(image: Image.Image, place: tuple[Decimal, Decimal] | None) -> Picture:
    """Only the pixels: neither camera nor place go into the new file."""
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    file = io.BytesIO()
    clean.save(file, "JPEG", quality=82, optimize=True)
    return Picture(file.getvalue(), clean.width, clean.height, place)


def _place(image: Image.Image) -> tuple[Decimal, Decimal] | None:
    """Latitude and longitude in degrees, where the camera wrote them and they make sense."""
    told: Any = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    try:
        latitude = _degrees(told[ExifTags.GPS.GPSLatitude], told.get(ExifTags.GPS.GPSLatitudeRef) == "S")
        longitude = _degrees(told[ExifTags.GPS.GPSLongitude], told.get(ExifTags.GPS.GPSLongitudeRef) == "W")
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _degrees(parts: Any, minus: bool) -> Decimal:
    """
    >>> _degrees((52, 31, 12), False), _degrees((33, 30, 0), True)
    (Decimal('52.520000'), Decimal('-33.500000'))
    """
    degrees, minutes, seconds = (Decimal(str(float(part))) for part in parts)
    value = (degrees + minutes / 60 + seconds / 3600).quantize(Decimal("0.000001"))
    return -value if minus else value
