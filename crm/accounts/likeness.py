"""When two companies look like one: names and phones without what people write differently each time."""

import re
import unicodedata

# What a company's legal form is called; it says nothing about which company it is.
_FORMS = (
    "gmbh co kg", "gmbh", "mbh", "ag", "kg", "ohg", "ug", "se", "ltd", "limited", "llc", "llp", "plc", "inc",
    "incorporated", "corp", "corporation", "co", "company", "sa", "sas", "sarl", "srl", "spa", "bv", "nv", "ab", "oy",
    "as", "aps", "pty", "pte", "kk",
)  # fmt: skip
_ENDS = ("股份有限公司", "有限责任公司", "有限公司", "集团公司", "公司", "株式会社")
_PHONE_DIGITS = 9
_PHONE_DIGITS_MIN = 7


def name_match(name: str) -> str:
    """The name's core.

    >>> name_match("Müller & Söhne GmbH"), name_match("MÜLLER und SÖHNE"), name_match("杭州和明有限公司")
    ('müllersöhne', 'müllersöhne', '杭州和明')
    """
    text = unicodedata.normalize("NFKC", name).casefold().replace("&", " ").replace(".", "")
    words = [word for word in re.split(r"[\W_]+", text) if word]
    core = without_form(words[:1] + [word for word in words[1:] if word not in ("und", "and", "et", "y", "e")])
    joined = "".join(core or words)
    for end in _ENDS:
        if joined.endswith(end) and len(joined) > len(end) + 1:
            return joined.removesuffix(end)[:250]
    return joined[:250]


def without_form(words: list[str]) -> list[str]:
    """The words of a name, in small letters, without the legal form at its end; one word always stays.

    >>> without_form(["müller", "foods", "co", "kg"]), without_form(["ag"])
    (['müller', 'foods'], ['ag'])
    """
    last = len(words)
    while last > 1 and words[last - 1] in _FORMS:
        last -= 1
    return words[:last]


def phone_match(phone: str) -> str:
    """The last digits, which stay the same however country and area are written; empty for what is too short.

    >>> phone_match("+49 30 0074321"), phone_match("030-0074321"), phone_match("555")
    ('300074321', '300074321', '')
    """
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone))
    return digits[-_PHONE_DIGITS:] if len(digits) >= _PHONE_DIGITS_MIN else ""
