"""How people write a day, in the reader's language."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import pgettext


def written(day: date, year: bool = True) -> str:
    """The day in words, with or without its year."""
    # Translators: how a day is written, in Django's date format; first with, then without the year.
    return date_format(day, pgettext("day with year", "j M Y") if year else pgettext("day", "j M"))
