"""Time zones to choose from, by part of the world, under the names that the tz database gives them."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

WORLD = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
Choices = list[tuple[str, Any]]


@cache
def zones() -> Choices:
    """Every place that has a clock of its own, in groups.

    >>> [name for name, _place in dict(zones())["Europe"] if "Ber" in name]
    ['Europe/Berlin']
    """
    groups: dict[str, Choices] = {region: [] for region in WORLD}
    for name in sorted(available_timezones()):
        region, _slash, place = name.partition("/")
        if place and region in groups:
            groups[region].append((name, place.replace("_", " ")))
    return [("UTC", "UTC"), *groups.items()]


class ZoneField(forms.ChoiceField):
    """A time zone, or none: then the house's own."""

    def __init__(self, **options: Any) -> None:
        # A field of a model tells what only a field of text would listen to.
        options = {
            name: told for name, told in options.items() if name in ("label", "required", "initial", "help_text")
        }
        super().__init__(choices=self._offered, **{"label": _("Time zone"), "required": False, **options})

    @staticmethod
    def _offered() -> Choices:
        return [("", _("As this house: {zone}").format(zone=settings.TIME_ZONE)), *zones()]
