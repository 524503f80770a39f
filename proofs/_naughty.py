"""Texts that break software: each with a mark in it, by which it is found again wherever it was kept."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

GLOBAL = "__naughty"  # what a script that ran would set on the window
_RUN = f"window.{GLOBAL}=1;alert(1)"

TEXTS: dict[str, str] = {
    "plain": "Plain words M",
    "single quote": "O'Brien''s M'",
    "double quote": 'He said "M" and ""',
    "backslash": "C:\\temp\\new\\M\\",
    "backtick and dollar": "`id` $(id) ${M} $1 \\1",
    "percent": "100 % M %s %d %(x)s %00 %n",
    "braces": "{M} {0} {} {x.__class__}",
    "template": "{{ 7*7 }}{% load static %}{{ settings.SECRET_KEY }}M{# #}",
    "template of browsers": "{{constructor.constructor('" + _RUN + "')()}} ${7*7} M <%= 7*7 %>",
    "script": f"<script>{_RUN}</script>M",
    "script that closes": f"</textarea></title></script><script>{_RUN}</script>M",
    "attribute": f'" onfocus="{_RUN}" autofocus onmouseover=\'{_RUN}\' x="M',
    "single attribute": f"' autofocus onfocus='{_RUN}' M",
    "image": f"M<img src=x onerror={_RUN}>",
    "vector": f"<svg/onload={_RUN}>M",
    "script address": f"javascript:{_RUN}//M",
    "data address": "data:text/html,<script>alert(1)</script>M",
    "entity": "&lt;script&gt;M&amp;amp; &#39; &nbsp; &copy",
    "comment": "<!-- M --> <![CDATA[ x ]]> -->",
    "htmx": f'<div hx-get="/healthz" hx-trigger="load" hx-on::load="{_RUN}">M</div>',
    "sql": "M'; DROP TABLE auth_user; --",
    "sql or": "' OR '1'='1' /* M */",
    "like": "%_M\\%",
    "path": "../../../../etc/passwd M",
    "windows path": "..\\..\\M\\con.aux",
    "formula": "=cmd|'/C calc'!A0M",
    "formula plus": "+1+1+cmd|' /C calc'!M",
    "formula minus": "-2+3+cmd|' /C calc'!M",
    "formula at": "@SUM(1+9)*cmd|' /C calc'!M",
    "formula link": '=HYPERLINK("http://127.0.0.1/?"&A1,"M")',
    "formula after a tab": "\t=1+1 M",
    "full width formula": "\uff1d1+1 M",
    "long digits": "9" * 120 + "M",
    "negative zero": "-0 M",
    "not a number": "NaN M Infinity -Infinity 1e999",
    "exponent": "1E400 M 0x7f 1_000",
    "null word": "null M undefined None true",
    "umlauts": "Übergrößenträger M ÅØÆ ñ ß ẞ",
    "chinese": "北京烤鸭 M 中文，。",
    "astral": "𠜎𠜱 M 𝒳𝔘",
    "emoji": "👩‍👩‍👧‍👦 M 🏳️‍🌈 👍🏿 ❤️",
    "combining": "Z\u0351\u036b\u0343a\u0315\u0321l\u0335go M e\u0301",
    "decomposed": "cafe\u0301 M A\u030a",
    "right to left": "العربية M עברית",
    "override": "\u202egnp.exe\u202c M \u2066x\u2069",
    "zero width": "a\u200bb\u200c\u200dM\ufeff\u2060x",
    "line separators": "one\u2028two\u2029M\x85x",
    "no-break spaces": "a\u00a0b\u3000c\u2003M",
    "lines": "first M\nsecond\n\nfourth",
    "windows lines": "first M\r\nsecond\rthird",
    "header": "M\r\nSet-Cookie: x=1\r\n\r\n<html>",
    "tabs": "a\tb M\tc",
    "only spaces round it": "   M   ",
    "controls": "a\x01b\x08\x1b[31mM\x7f",
    "nul": "a\x00b M",
    "nul at the end": "M\x00",
    "lone surrogate": "a\ud800b M",
    "surrogates turned": "\udc00\ud800 M",
    "noncharacters": "\ufffe\uffff M \ufffd",
    "tags": "M \U000e0041\U000e007f",
    "no choice": f"\x00</select><script>{_RUN}</script>M{'9' * 40}",
    "251 characters": "M" + "y" * 250,
    "10,000 characters": "M" + "x" * 10_000,
    "10,000 wide characters": "M" + "界" * 10_000,
    "many brackets": "[" * 300 + "M" + "{" * 300,
    "address": "https://example.com/?a=1&b=2#M",
    "mail": "M@example.com",
    "long mail": "M" + "a" * 80 + "@" + "b" * 70 + ".example.com",
    "mail with header": "M@example.com\nBcc: all@example.com",
}
SHORT = (
    "plain", "template", "script that closes", "attribute", "formula", "nul", "lone surrogate", "override",
    "windows lines", "10,000 characters", "mail",
)  # fmt: skip


@dataclass(frozen=True)
class Naughty:
    """One text, with its own mark."""

    name: str
    mark: str
    text: str


def texts(names: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Names and patterns: all, or those of these names."""
    yield from ((name, text) for name, text in TEXTS.items() if not names or name in names)


def marked(name: str, number: int) -> Naughty:
    """The text with a mark that no other text has."""
    mark = f"Zq{number:x}q"
    return Naughty(name, mark, re.sub(r"(?<![A-Z])M(?![A-Z])", lambda _: mark, TEXTS[name]))


def same(sent: str, kept: str) -> bool:
    """Is this what was sent, after what we say we do to a text?

    Bytes that are no text become U+FFFD, line ends become one kind, spaces round it go, and where a text has one line
    runs of spaces become one.
    """
    return kept in (sent, sent.strip()) or _tidy(kept) == _tidy(sent)


def _tidy(text: str) -> str:
    return " ".join(re.sub("[\ufffd\ud800-\udfff]+", "\ufffd", text).split())


def is_formula(cell: str) -> bool:
    """Would a spreadsheet compute this cell? A plain number is one whatever its sign."""
    if re.fullmatch(r"[-+]?[\d.,]+(e[-+]?\d+)?%?", cell, re.IGNORECASE):
        return False
    return unicodedata.normalize("NFKC", cell[:1]) in ("=", "+", "-", "@", "\t", "\r", "\n") and bool(cell)
