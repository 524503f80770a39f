"""Phone numbers in one manner (E.164), so that they can be dialled from anywhere and compared."""

from functools import cache

import phonenumbers
from babel import Locale

LANGUAGES = ("en", "zh_Hans", "de", "fr", "es", "it", "nl", "pl")


def e164(phone: str, country: str = "") -> str:
    """The number as it is dialled from anywhere; what is no number of the country stays as it was typed.

    >>> e164("030 901820", "DE"), e164("+49 (30) 901820"), e164("010-6552 9988", "CN"), e164("ask Maria", "DE")
    ('+4930901820', '+4930901820', '+861065529988', 'ask Maria')
    """
    text = " ".join(phone.split())
    if not any(sign.isdigit() for sign in text):
        return text
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number) or number.extension:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def country_code(country: str) -> str:
    """The two letters of a country's name in the languages that files are written in; empty for what is none.

    >>> [country_code(name) for name in ("Germany", "中国", "Deutschland", "de", "?")]
    ['DE', 'CN', 'DE', 'DE', '']
    """
    return _codes().get(country.strip().casefold(), "")


@cache
def country_names() -> dict[str, str]:
    """Every way to write a country that is understood, in lower case → as it is shown."""
    english = {code.casefold(): name for code, name in Locale.parse("en").territories.items()}
    return {word: english.get(code.casefold(), word) for word, code in _codes().items()}


@cache
def _codes() -> dict[str, str]:
    found = {"uk": "GB", "usa": "US", "u.s.a.": "US", "united states of america": "US"}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(name.casefold(), code)
                found.setdefault(code.casefold(), code)
    return found
