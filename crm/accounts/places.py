"""When two people or companies are the same although name and address are written, or typed, differently.

Blocking keys bring together what shares two pieces that rarely meet by chance: the beginning of a name with the postal
code, the house number with the street. `likeness` then weighs name, street, town and postal code; what one of the two
does not tell neither helps nor harms.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

from crm.accounts.likeness import without_form

WEIGHTS = {"name": 0.45, "street": 0.30, "city": 0.13, "postal_code": 0.12}
# So much must be said by both: a name and a town alone are many people's.
SAID_LEAST = 0.70
KEYS_MOST = 24


@dataclass(frozen=True)
class Place:
    """A name with its address, reduced to what is compared."""

    name: str
    street: str = ""
    city: str = ""
    postal_code: str = ""

    @classmethod
    def of(cls, name: str, street: str = "", city: str = "", postal_code: str = "") -> "Place":
        """
        >>> Place.of("Waller, Anna", "6 Tullaroop Street", "St. James", " 4011 ")
        Place(name='waller anna', street='6 tullaroop street', city='st james', postal_code='4011')
        """
        return cls(*(_plain(text) for text in (name, street, city, postal_code)))

    @property
    def keys(self) -> list[str]:
        """What it can be found by; nothing as long as no address is told. A legal form is thousands' and finds nobody.

        >>> Place.of("Anna Waller", "6 Tullaroop St", "St James", "4011").keys[:4]
        ['#6/4011', '#6/sain', '#6/tull', 'ann+wal']
        """
        streets = [word for word in self.street.split() if not word.isdigit()]
        numbers = [f"#{word}" for word in self.street.split() if word.isdigit()][:2]
        codes = [self.postal_code] if self.postal_code else []
        towns = [_saint(self.city)[:4]] if self.city else []
        ways = [streets[0][:4]] if streets else []
        names = [word[:3] for word in without_form(self.name.split()) if len(word) > 1][:4]
        where = [*numbers, *codes, *towns, *ways]
        if not where:
            return []
        made = {f"{name}/{place}" for name in names for place in where}
        made |= {f"{number}/{place}" for number in numbers for place in (*ways, *codes, *towns)}
        made |= {f"{way}/{code}" for way in ways for code in codes}
        made |= {"+".join(sorted(pair)) for pair in combinations(names, 2)}
        return sorted(made)[:KEYS_MOST]


def likeness(one: Place, other: Place) -> int:
    """From 0 to 100; 0 where too little is said by both to tell.

    >>> anna = Place.of("Anna Waller", "6 Tullaroop Street", "St James", "4011")
    >>> likeness(anna, Place.of("Waller, Ana", "6 Tularoop Street", "St James", "4011"))
    97
    >>> likeness(anna, Place.of("Anna Waller"))
    0
    """
    told = {
        "name": _names(one.name, other.name),
        "street": _streets(one.street, other.street),
        "city": _alike(one.city, other.city),
        "postal_code": _alike(one.postal_code, other.postal_code),
    }
    said = sum(WEIGHTS[part] for part, value in told.items() if value is not None)
    if said < SAID_LEAST:
        return 0
    return round(sum(WEIGHTS[part] * value for part, value in told.items() if value is not None) / said)


def _names(one: str, other: str) -> float | None:
    """Given name and surname may have changed places, and one of them may be missing."""
    if not one or not other:
        return None
    return 0.7 * fuzz.token_sort_ratio(one, other) + 0.3 * fuzz.token_set_ratio(one, other)


def _streets(one: str, other: str) -> float | None:
    if not one or not other:
        return None
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))


def _alike(one: str, other: str) -> float | None:
    return fuzz.ratio(one, other) if one and other else None


def _plain(text: str) -> str:
    """Words in small letters, without marks.

    >>> _plain("Müller-Straße  12b")
    'müller strasse 12b'
    """
    return " ".join(re.split(r"[\W_]+", unicodedata.normalize("NFKC", text).casefold())).strip()


def _saint(city: str) -> str:
    return re.sub(r"^st ", "saint ", city)
