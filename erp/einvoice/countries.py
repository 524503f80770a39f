"""The ISO 3166 code of a country, however people write it."""

from functools import cache

from babel import Locale

ALSO = {
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "northern ireland": "GB", "usa": "US",
    "u.s.a.": "US", "united states of america": "US", "america": "US", "holland": "NL", "prc": "CN", "p.r. china": "CN",
    "pr china": "CN", "中国": "CN", "deutschland": "DE", "brd": "DE", "czech republic": "CZ", "korea": "KR",
    "uae": "AE", "el": "GR", "eire": "IE",
}  # fmt: skip


def country_code(told: str) -> str:
    """Two letters, or nothing when it is no country we know.

    >>> [country_code(told) for told in ("Germany", "de", "UK", "法国", "Österreich", "Atlantis", "")]
    ['DE', 'DE', 'GB', 'FR', 'AT', '', '']
    """
    told = " ".join(told.split()).casefold()
    return _known().get(told, "") if told else ""


def country_name(code: str, language: str) -> str:
    """How the country is called in the language; the code itself when it is none.

    >>> country_name("DE", "en"), country_name("DE", "zh-hans"), country_name("", "en")
    ('Germany', '德国', '')
    """
    locale = Locale.parse("zh_Hans" if language.startswith("zh") else "en")
    return str(locale.territories.get(code, code))


@cache
def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for language in ("en", "zh_Hans", "de", "fr"):
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"):
                known.setdefault(str(name).casefold(), code)
                known.setdefault(code.casefold(), code)
    return {**known, **ALSO}
