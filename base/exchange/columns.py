"""Columns that can be imported and how their cells are understood; a cell that is not understood says why."""

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.widgets import Widget

from base.spreadsheets import readable

Words = str | Promise


class Column(Field):
    """A field of the resource: its name for people, by which headers it is recognised, what a sample looks like.

    `lookup` is the database path by which existing rows are found (`fold`: in lower case); `line` marks what belongs
    to a line of a document and not to its head; `tier`: who may not see such figures may not import them.
    """

    def __init__(
        self,
        label: Words,
        widget: Widget | None = None,
        *,
        names: str = "",
        required: bool = False,
        sample: Any = "",
        help: Words = "",
        match: bool = False,
        lookup: str = "",
        fold: bool = False,
        line: bool = False,
        tier: str = "",
    ) -> None:
        super().__init__(widget=widget or Text())
        self.label, self.help, self.sample, self.required = label, help, sample, required
        self.names, self.match, self.lookup, self.fold, self.line = names.split(), match, lookup, fold, line
        self.tier = tier


def refuse(text: str, /, **facts: Any) -> ValueError:
    """What a widget raises: already in the reader's words."""
    return ValueError(text.format(**facts))


def shown(value: Any) -> str:
    """The start of a cell, as it is quoted in a reason."""
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


class Text(Widget):
    """Words; blanks are tidied, unless the text has lines."""

    def __init__(self, most: int = 250, *, lines: bool = False) -> None:
        super().__init__()
        self.most, self.lines = most, lines

    def clean(self, value: Any, row: Any = None, **_options: Any) -> Any:
        text = readable(str(value))
        if "\x00" in text:
            raise refuse(_("It holds a character that cannot be kept (NUL)."))
        text = text.strip() if self.lines else " ".join(text.split())
        if len(text) > self.most:
            raise refuse(_("It has {length} characters; up to {most} fit."), length=len(text), most=self.most)
        return text

    def render(self, value: Any, obj: Any = None, **_options: Any) -> Any:
        return "" if value is None else str(value)


class Number(Widget):
    """An exact number, written in any common manner that can be read in one way only."""

    def __init__(self, places: int = 2, least: Decimal | int | None = None, most: Decimal | int = 10**12) -> None:
        super().__init__()
        self.places, self.least, self.most = places, least, most

    def clean(self, value: Any, row: Any = None, **_options: Any) -> Any:
        number = value if isinstance(value, Decimal) else _number(value)
        if not number.is_finite():
            raise refuse(_("“{text}” is not a number."), text=shown(value))
        if self.least is not None and number < self.least:
            raise refuse(_("{number} is less than {least}."), number=shown(value), least=self.least)
        if abs(number) > self.most:
            raise refuse(_("{number} is too large."), number=shown(value))
        rounded = round(number, self.places)
        if rounded != number:
            raise refuse(_("{number} has more than {places} decimals."), number=shown(value), places=self.places)
        return rounded

    def render(self, value: Any, obj: Any = None, **_options: Any) -> Any:
        if value is None:
            return ""
        plain = f"{Decimal(value):f}"
        return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain


class Whole(Number):
    """A whole number."""

    def __init__(self, least: int | None = 0, most: int = 10**9) -> None:
        super().__init__(0, least, most)

    def clean(self, value: Any, row: Any = None, **_options: Any) -> Any:
        return int(super().clean(value))


def _number(value: Any) -> Decimal:
    """
    >>> [_number(text) for text in ("1.5", "1,5", "1,234.50", "1.234,50", "(3)", "€ 7", "-1 000,5", "1,234,567")]
    [Decimal('1.5'), Decimal('1.5'), Decimal('1234.50'), Decimal('1234.50'), Decimal('-3'), Decimal('7'), \
Decimal('-1000.5'), Decimal('1234567')]
    """
    told = str(value)
    text = re.sub(r"[\s  '’]|^[¥￥€$£]|[¥￥€$£元]$", "", told.strip().translate(_MINUS))
    if re.fullmatch(r"\(.+\)", text):
        text = f"-{text[1:-1]}"
    text = re.sub(r"^(-?)[¥￥€$£]", r"\1", text)
    if re.fullmatch(r"-?\d{1,3},\d{3}", text):
        raise refuse(_("“{text}” can be read in two ways; write it without a thousands mark."), text=shown(told))
    if "," in text and "." in text:
        thousands, point = (",", ".") if text.rfind(".") > text.rfind(",") else (".", ",")
        text = text.replace(thousands, "").replace(point, ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3}){2,}", text):
        text = text.replace(",", "")
    else:
        text = text.replace(",", ".")
    try:
        if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", text, re.ASCII):
            raise InvalidOperation
        return Decimal(text)
    except InvalidOperation:
        raise refuse(_("“{text}” is not a number."), text=shown(told)) from None


_MINUS = str.maketrans("−－，．", "--,.")


class Day(Widget):
    """A day: a real date of a workbook, or written so that day and month cannot be confused."""

    def clean(self, value: Any, row: Any = None, **_options: Any) -> Any:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        text = re.sub(r"[T ]00:00(:00(\.0+)?)?Z?$", "", str(value).strip())
        for pattern, order in _DAYS:
            if found := re.fullmatch(pattern, text):
                year, month, day = (int(found[place]) for place in order)
                try:
                    return date(year, month, day)
                except ValueError:
                    break
        raise refuse(_("“{text}” is not a day; write it as 2026-03-31."), text=shown(value))

    def render(self, value: Any, obj: Any = None, **_options: Any) -> Any:
        return value.isoformat() if value else ""


_DAYS = (
    (r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", (1, 2, 3)),
    (r"(\d{4})年(\d{1,2})月(\d{1,2})日", (1, 2, 3)),
    (r"(\d{1,2})\.(\d{1,2})\.(\d{4})", (3, 2, 1)),
    (r"(\d{4})(\d{2})(\d{2})", (1, 2, 3)),
)


class Moment(Day):
    """A day with or without a time, in the user's time zone where none is written."""

    def clean(self, value: Any, row: Any = None, **_options: Any) -> Any:
        moment: datetime | None = value if isinstance(value, datetime) else None
        if moment is None and isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value.strip())
            except ValueError:
                moment = None
        if moment is None:
            moment = datetime.combine(super().clean(value), time())
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

    def render(self, value: Any, obj: Any = None, **_options: Any) -> Any:
        return timezone.localtime(value).isoformat(" ", "seconds") if value else ""


class Choice(Widget):
    """One of a few words: the stored one, or its name in any of our languages."""

    def __init__(self, choices: Any, **also: str) -> None:
        super().__init__()
        self.choices, self.also = choices, also
        self._words: dict[str, Any] | None = None

    def clean(self, value: Any, row: Any = None, **_options: Any) -> Any:
        text = " ".join(str(value).split()).casefold()
        if self._words is None:
            self._words = self._all_words()
        if text in self._words:
            return self._words[text]
        allowed = ", ".join(str(label) for _word, label in self.choices)
        raise refuse(_("“{text}” is none of: {allowed}."), text=shown(value), allowed=allowed)

    def _all_words(self) -> dict[str, Any]:
        words = {}
        for word, label in self.choices:
            names = [str(word), *self.also.get(str(word), "").split("|")]
            for language, _name in settings.LANGUAGES:
                with translation.override(language):
                    names.append(str(label))
            words.update({name.casefold(): word for name in names if name})
        return words

    def render(self, value: Any, obj: Any = None, **_options: Any) -> Any:
        return "" if value is None else str(value)


class YesNo(Widget):
    """Yes or no, in the words people use for it."""

    def clean(self, value: Any, row: Any = None, **_options: Any) -> Any:
        text = str(value).strip().casefold()
        if text in {"1", "true", "yes", "y", "x", "是", "ja", "wahr"}:
            return True
        if text in {"0", "false", "no", "n", "-", "否", "nein", "falsch"}:
            return False
        raise refuse(_("“{text}” is neither yes nor no."), text=shown(value))

    def render(self, value: Any, obj: Any = None, **_options: Any) -> Any:
        return "" if value is None else ("yes" if value else "no")


class Person(Widget):
    """A colleague, by user name, e-mail or full name."""

    def __init__(self) -> None:
        super().__init__()
        self._people: dict[str, list[Any]] | None = None

    def clean(self, value: Any, row: Any = None, **_options: Any) -> Any:
        people = self._known().get(" ".join(str(value).split()).casefold(), [])
        if len(people) == 1:
            return people[0]
        text = _("Nobody here is called “{text}”.") if not people else _("Several people are called “{text}”.")
        raise refuse(text, text=shown(value))

    def render(self, value: Any, obj: Any = None, **_options: Any) -> Any:
        return "" if value is None else value.get_username()

    def _known(self) -> dict[str, list[Any]]:
        if self._people is None:
            self._people = {}
            for user in get_user_model().objects.filter(is_active=True):
                for name in {user.get_username(), user.email, user.get_full_name()} - {""}:
                    self._people.setdefault(name.casefold(), []).append(user)
        return self._people


def reason(label: Words, text: Any) -> str:
    """A reason with the column it is about."""
    return str(format_lazy("{label}: {text}", label=label, text=text)) if label else str(text)
