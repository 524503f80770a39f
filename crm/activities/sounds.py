"""Voice as phones record it: looked at by its first bytes, kept as it came, five minutes at most."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, Refused

MOST_BYTES = 8 * 2**20
MOST_SECONDS = 300


class SoundType(models.TextChoices):
    """What browsers record: Chrome and Firefox the first or last, Safari the second."""

    WEBM = "audio/webm", "WebM"
    MP4 = "audio/mp4", "MP4"
    OGG = "audio/ogg", "Ogg"


class RecordingTooLarge(Refused):
    """A word, not a lecture."""

    message = _("The recording has {size} MB; up to {most} MB fit.")
    status = 413
    field = "recording"


@dataclass(frozen=True)
class Sound:
    """A recording as it is kept."""

    data: bytes
    media_type: SoundType


def read(data: bytes) -> Sound:
    """The recording in the file, if it is one."""
    if len(data) > MOST_BYTES:
        raise RecordingTooLarge(size=round(len(data) / 2**20, 1), most=MOST_BYTES // 2**20)
    if (kind := kind_of(data)) is None:
        raise BadInput(why=_("This is no recording that can be played; WebM, MP4 and Ogg can."), field="recording")
    return Sound(data, kind)


def kind_of(data: bytes) -> SoundType | None:
    """By the container's own mark.

    >>> kind_of(b"OggS" + bytes(20)), kind_of(b"MZ" + bytes(20))
    (SoundType.OGG, None)
    """
    if data.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in data[:64]:
        return SoundType.WEBM
    if data.startswith(b"OggS"):
        return SoundType.OGG
    return SoundType.MP4 if data[4:8] == b"ftyp" and data[8:11] in (b"M4A", b"mp4", b"iso", b"dby") else None


def minutes(seconds: int) -> str:
    """
    >>> minutes(73)
    '1:13'
    """
    return f"{seconds // 60}:{seconds % 60:02}"


class RecordingField(forms.FileField):
    """Filled by a tap that records (static/js/capture.js); without JavaScript it is not there."""

    widget = forms.FileInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Recording"))
        super().__init__(required=False, max_length=200, **options)
        self.widget.attrs |= {"data-record": MOST_SECONDS, "hidden": True, "accept": "audio/*"}


class SecondsField(forms.IntegerField):
    """How long it is, as the page that recorded it knows."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, min_value=0, max_value=MOST_SECONDS)
