"""Visiting cards as phones and QR codes carry them (vCard 2.1, 3.0, 4.0), read into the fields of a lead."""

import quopri
import re
from typing import Any

from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput

MOST_BYTES = 200_000  # a card with a photo is larger than one would think
_TEXTS = {"TITLE": "title", "ROLE": "title", "URL": "website", "NOTE": "note"}
_KINDS = ("WORK", "CELL", "PREF", "HOME", "VOICE")


def read(text: str) -> dict[str, str]:
    """The first card of the text: name, company, position, phones, mails, address, website, note.

    >>> read("BEGIN:VCARD\\nFN:Maria Anders\\nORG:Vins;Sales\\nTEL;TYPE=cell:+49 171 1\\nEND:VCARD")
    {'person': 'Maria Anders', 'company': 'Vins', 'phone': '+49 171 1'}
    """
    if len(text) > MOST_BYTES:
        raise BadInput(why=_("This is too large for a card."), field="card")
    lines = _unfolded(text)
    begin = next(
        (place for place, (name, _p, value) in enumerate(lines) if (name, value.upper()) == ("BEGIN", "VCARD")), None
    )
    if begin is None:
        raise BadInput(why=_("This is no vCard: it begins with BEGIN:VCARD."), field="card")
    told: dict[str, Any] = {"phones": [], "emails": []}
    for name, parameters, value in lines[begin + 1 :]:
        if (name, value.upper()) == ("END", "VCARD"):
            break
        _take(told, name, parameters, value)
    phones, emails = _ranked(told.pop("phones")), _ranked(told.pop("emails"))
    found = {name: value[:250] for name, value in told.items() if value}
    for field, values in (("phone", phones), ("email", emails)):
        found |= dict(zip((field, f"other_{field}"), values, strict=False))
    if not any(found.get(name) for name in ("person", "company", "phone", "email")):
        raise BadInput(why=_("The card has no name, company, phone number or e-mail address."), field="card")
    return found


def _unfolded(text: str) -> list[tuple[str, list[str], str]]:
    """Each line as name, parameters, value; a line that begins with a blank goes on the one before."""
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(r"=\n", "", text) if "QUOTED-PRINTABLE" in text.upper() else text
    lines = []
    for line in re.sub(r"\n[ \t]", "", text).split("\n"):
        head, colon, value = line.partition(":")
        if not colon:
            continue
        name, *parameters = head.upper().split(";")
        lines.append((name.rpartition(".")[2].strip(), parameters, _decoded(value.strip(), parameters)))
    return lines


def _decoded(value: str, parameters: list[str]) -> str:
    if any("QUOTED-PRINTABLE" in one for one in parameters):
        charset = next((one.partition("=")[2] for one in parameters if one.startswith("CHARSET=")), "utf-8")
        try:
            return quopri.decodestring(value.encode()).decode(charset, "replace")
        except LookupError:
            return quopri.decodestring(value.encode()).decode("utf-8", "replace")
    return value


def _take(told: dict[str, Any], name: str, parameters: list[str], value: str) -> None:
    if name == "FN":
        told["person"] = _plain(value)
    elif name == "N" and not told.get("person"):
        family, given, *_rest = [*_parts(value), "", ""]
        told["person"] = " ".join(part for part in (given, family) if part)
    elif name == "ORG":
        told["company"] = _parts(value)[0]
    elif name in ("TEL", "EMAIL"):
        clean = _plain(re.sub(r"^(tel|mailto):", "", value, flags=re.IGNORECASE))
        told["phones" if name == "TEL" else "emails"].append((clean, ",".join(parameters)))
    elif name == "ADR" and not told.get("city"):
        _box, _more, street, city, region, code, country, *_rest = [*_parts(value), *[""] * 7]
        told |= {"street": street, "city": city, "region": region, "postal_code": code, "country": country}
    elif name in _TEXTS and not told.get(_TEXTS[name]):
        told[_TEXTS[name]] = _plain(value)


def _ranked(found: list[tuple[str, str]]) -> list[str]:
    """Those for work first, and each once; faxes never."""

    def rank(one: tuple[str, str]) -> int:
        return next((place for place, kind in enumerate(_KINDS) if kind in one[1]), len(_KINDS))

    values = [value for value, parameters in sorted(found, key=rank) if "FAX" not in parameters and value]
    return list(dict.fromkeys(values))


def _parts(value: str) -> list[str]:
    return [_plain(part) for part in re.split(r"(?<!\\);", value)]


def _plain(value: str) -> str:
    text = re.sub(r"\\[nN]", "\n", value)
    return " ".join(re.sub(r"\\([,;:\\])", r"\1", text).split())
