"""The day it is where the house is, and how people write a day, in the reader's language."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext


def house_day(moment: datetime | None = None) -> date:
    """The day (today) where the house is: what ends with a day ends for everybody at once, wherever they travel."""
    return timezone.localdate(moment, timezone.get_default_timezone())


def written(day: date, year: bool = True) -> str:
    """The day in words, with or without its year."""
    # Translators: how a day is written, in Django's date format; first with, then without the year.
    return date_format(day, pgettext("day with year", "j M Y") if year else pgettext("day", "j M"))
