"""Which taxes a box counts, as people write it.

A line of the books carries its tax as `class:percent` (`standard:19`); a line from before rates were written carries
the class alone, and has the rate of its day.

standard:19             lines taxed so
standard, reduced       of these classes, at any rate
standard, !standard:19  of the class, but not at that rate
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput

_PART = re.compile(r"^(!?)\s*([a-z][a-z0-9_]*)(?::(\d+(?:\.\d+)?))?$")


def tag(tax_class: str, fraction: Decimal) -> str:
    """How a line of the books names its tax.

    >>> tag("standard", Decimal("0.190000")), tag("reduced", Decimal("0.055")), tag("", Decimal("0"))
    ('standard:19', 'reduced:5.5', '')
    """
    return f"{tax_class}:{(fraction * 100).normalize():f}" if tax_class else ""


def read_tag(text: str) -> tuple[str, Decimal | None]:
    """Class and fraction of a tag; no fraction where none was written.

    >>> read_tag("standard:19"), read_tag("reduced")
    (('standard', Decimal('0.19')), ('reduced', None))
    """
    tax_class, _colon, percent = text.partition(":")
    try:
        return tax_class, (Decimal(percent) / 100 if percent else None)
    except ArithmeticError:
        return text, None


@dataclass(frozen=True)
class Taxes:
    """Classes, some of them at one rate only, and those that are left out."""

    within: tuple[tuple[str, Decimal | None], ...]
    without: tuple[tuple[str, Decimal | None], ...] = ()

    @classmethod
    def read(cls, text: str) -> "Taxes":
        """As people write it.

        >>> other = Taxes.read("standard, reduced:7, !standard:19")
        >>> [other.has("standard", Decimal(at)) for at in ("0.16", "0.19")], other.has("reduced", Decimal("0.05"))
        ([True, False], False)
        """
        found: dict[str, list[tuple[str, Decimal | None]]] = {"": [], "!": []}
        for part in text.split(","):
            told = _PART.match(part.strip())
            if told is None:
                raise BadInput(
                    why=_("“{text}” names no tax; write “standard:19, reduced, !reduced:5”.").format(text=part.strip())
                )
            found[told[1]].append((told[2], Decimal(told[3]) / 100 if told[3] else None))
        return cls(tuple(found[""]), tuple(found["!"]))

    def has(self, tax_class: str, fraction: Decimal | None) -> bool:
        """Is a line with that tax counted?"""
        return _any(self.within, tax_class, fraction) and not _any(self.without, tax_class, fraction)


def _any(taxes: tuple[tuple[str, Decimal | None], ...], tax_class: str, fraction: Decimal | None) -> bool:
    return any(known == tax_class and rate in (None, fraction) for known, rate in taxes)
