"""Being there: when somebody checked in on a visit, and about where, if their phone may say so.

The phone rounds to three decimals (about a hundred metres) before anything leaves it; so does whoever tells it here.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

COARSE = Decimal("0.001")
ACCURACY_MAX_M = 100_000
LONGEST_VISIT = timedelta(hours=12)


@dataclass(frozen=True)
class Presence:
    """A moment, with a place where one was given."""

    at: datetime
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy_m: int | None = None

    def before(self, saved_at: datetime) -> "Presence":
        """By a clock that can be right: what is later than the save, or a working day earlier, was the save.

        >>> noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
        >>> Presence(noon + timedelta(hours=1)).before(noon).at == noon
        True
        """
        fits = saved_at - LONGEST_VISIT <= self.at <= saved_at
        return self if fits else Presence(saved_at, self.latitude, self.longitude, self.accuracy_m)


def read(text: str) -> Presence:
    """What the page's button writes: a moment, and perhaps latitude, longitude and metres.

    >>> read("2026-03-31T10:15:00Z 52.5203 -13.41 65")
    Presence(at=datetime.datetime(2026, 3, 31, 10, 15, tzinfo=datetime.timezone.utc), latitude=Decimal('52.520'), longitude=Decimal('-13.410'), accuracy_m=65)
    """  # noqa: E501 -- an answer is one line
    moment, *place = text.split()
    at = parse_datetime(moment)
    if at is None or at.tzinfo is None or len(place) not in (0, 3):
        raise ValueError(text)
    at = at.astimezone(UTC)
    if not place:
        return Presence(at)
    latitude, longitude = coarse(place[0], 90), coarse(place[1], 180)
    return Presence(at, latitude, longitude, min(max(round(Decimal(place[2])), 0), ACCURACY_MAX_M))


def coarse(text: str, most: int) -> Decimal:
    """Degrees, as roughly as they are kept."""
    degrees = Decimal(text)
    if not degrees.is_finite() or abs(degrees) > most:
        raise ValueError(text)
    return degrees.quantize(COARSE)


class CheckInField(forms.CharField):
    """Filled by one tap (static/js/capture.js); without JavaScript it is not there."""

    widget = forms.TextInput

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Check in"))
        super().__init__(required=False, max_length=100, **options)
        self.widget.attrs |= {"data-check-in": "", "hidden": True, "autocomplete": "off"}

    def clean(self, value: Any) -> Presence | None:
        """What it says, or why it says nothing."""
        text = super().clean(value)
        try:
            return read(text) if text else None
        except (ValueError, InvalidOperation, OverflowError):
            raise ValidationError(_("This is no check-in that can be read.")) from None
