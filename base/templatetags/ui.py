"""The words of our templates: how an icon, an amount, a moment, a card are written, in one place for all sides.

Registered as builtins, so no template loads it. Components with a body are block tags (`{% card %}…{% endcard %}`);
the others are templates in templates/ui/ to include. See templates/ui/README.md.
"""

from datetime import date as Date
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from typing import Any

from django import forms, template
from django.conf import settings
from django.http import QueryDict
from django.template import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from base import fragments
from base.days import written
from base.ids import uuid7
from base.live import Part, mark_of
from base.money import Money, exponent
from base.release import RELEASE
from base.tiers import sees
from base.ui import tone_of, url_of
from base.widgets import QuickSelect

register = template.Library()

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
_ZERO = SafeString(f'<span class="money money--zero">{DASH}</span>')
_BADGES: fragments.Memory[SafeString] = fragments.Memory(2_000)
_ICONS: fragments.Memory[SafeString] = fragments.Memory(500)


@register.simple_tag
def release() -> str:
    """Which release runs here, for whoever asks for help."""
    return RELEASE


# Figures


@register.simple_tag
def money(
    amount: Decimal | Money | None, currency: str = "", dash: bool | None = None, sign: bool = False
) -> SafeString:
    """An amount in the reader's manner; the currency is left out in columns whose head names it.

    Nothing is shown for None. Zero is a dash in the ERP's columns, or where `dash` says so. Prices of a unit, which may
    be finer than the currency, show what they have.
    """
    if amount is None or amount == "":
        return SafeString("")
    if isinstance(amount, Money):
        number, currency = amount.amount, currency or amount.currency
    else:
        number = Decimal(amount)
    if dash is None:
        dash = settings.SIDE == "erp" and not currency
    if not number and dash:
        return _ZERO
    return _figure(number, _number(number, max(exponent(currency), _digits(number)), plus=sign), currency)


@register.simple_tag
def qty(quantity: Decimal | int | None, unit: str = "", dash: bool | None = None) -> SafeString:
    """A quantity without idle zeros behind the point: 12, 2.5; zero is a dash in the ERP."""
    if quantity is None or quantity == "":
        return SafeString("")
    number = Decimal(quantity)
    if not number and (settings.SIDE == "erp" if dash is None else dash):
        return _ZERO
    return _figure(number, _number(number, _digits(number)), unit)


def _figure(number: Decimal, text: str, unit: str) -> SafeString:
    """Digits in their place, with what they count; lists have hundreds of them."""
    tone = "money--negative" if number < 0 else ""
    counted = f" <small>{escape(str(unit))}</small>" if unit else ""
    return mark_safe(f'<span class="money {tone}">{text}{counted}</span>')  # noqa: S308 -- digits, and an escaped unit


@register.simple_tag
def percent(fraction: Decimal | None, digits: int = 0) -> str:
    """A fraction as per cent: 0.19 is 19 %; more digits than asked for are kept, never rounded away."""
    if fraction is None:
        return ""
    hundredfold = Decimal(fraction) * 100
    return f"{_number(hundredfold, max(_digits(hundredfold), digits))}\N{NARROW NO-BREAK SPACE}%"


def _digits(number: Decimal) -> int:
    """How many digits after the point the number needs; no column of ours has more than six.

    >>> _digits(Decimal("12.5000")), _digits(Decimal("12")), _digits(Decimal(1) / 3)
    (1, 0, 6)
    """
    return min(len(format(number, "f").partition(".")[2].rstrip("0")), 6)


def _number(number: Decimal, digits: int, plus: bool = False) -> str:
    """Groups of three in every language: Chinese books write 1,234,567.00 too."""
    exact = abs(number).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = f"{exact:,.{digits}f}"
    if number < 0:
        return MINUS + text
    return "+" + text if plus and number > 0 else text


# Time


@register.simple_tag
def date(day: Date | None, year: bool | None = None) -> SafeString:
    """A day: compact and sortable in the ERP, as people write it elsewhere (this year's without the year)."""
    if not day:
        return SafeString("")
    if isinstance(day, datetime):
        day = timezone.localtime(day).date() if timezone.is_aware(day) else day.date()
    if settings.SIDE == "erp":
        text = day.isoformat()
    else:
        with_year = day.year != timezone.localdate().year if year is None else year
        text = written(day, with_year)
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), text)


@register.simple_tag
def when(moment: datetime | None) -> SafeString:
    """A moment by its distance, exact on hover; static/js/ui.js keeps the distance current."""
    if not moment:
        return SafeString("")
    local = timezone.localtime(moment)
    return format_html(
        '<time class="when" datetime="{}" title="{}" data-when>{}</time>',
        local.isoformat(timespec="seconds"),
        local.strftime("%Y-%m-%d %H:%M:%S %Z"),
        distance(moment, timezone.now()),
    )


def distance(moment: datetime, now: datetime) -> str:
    """How far away a moment is, in words short enough for a list."""
    passed = now - moment
    if abs(passed) < timedelta(seconds=45):
        return _("just now")
    minutes = round(abs(passed).total_seconds() / 60)
    if minutes < 60:
        return _ago(passed, ngettext("%(n)d min", "%(n)d min", minutes) % {"n": minutes})
    hours = round(minutes / 60)
    if hours < 24:
        return _ago(passed, ngettext("%(n)d h", "%(n)d h", hours) % {"n": hours})
    days = round(hours / 24)
    if days <= 7:
        return _ago(passed, ngettext("%(n)d day", "%(n)d days", days) % {"n": days})
    local = timezone.localtime(moment)
    same_year = local.year == timezone.localtime(now).year
    return written(local, year=not same_year)


def _ago(passed: timedelta, length: str) -> str:
    return (_("%(length)s ago") if passed > timedelta(0) else _("in %(length)s")) % {"length": length}


@register.simple_tag
def duration(seconds: float | None) -> str:
    """A short length of time, as lag and age are shown: 40 ms, 3 s, 5 min, 2 h."""
    if seconds is None:
        return ""
    for limit, unit, per in ((1, "ms", 0.001), (90, "s", 1), (5400, "min", 60), (129600, "h", 3600)):
        if seconds < limit:
            return f"{round(seconds / per)}\N{NARROW NO-BREAK SPACE}{unit}"
    return ngettext("%(n)d day", "%(n)d days", round(seconds / 86400)) % {"n": round(seconds / 86400)}


# Signs


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; with a label it is read out, without one it is decoration beside a text."""
    if not name:
        return SafeString("")
    if label:
        href = static("vendor/icons.svg")
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, href, name)
    return _ICONS.made(name, lambda: _plain_icon(name))


def _plain_icon(name: str) -> SafeString:
    href = static("vendor/icons.svg")
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', href, name)


@register.simple_tag
def status_badge(status: object, label: str = "", tone: str = "") -> SafeString:
    """A state as a coloured word; the tone is looked up by the state's name unless given."""
    name, words = str(status), conditional_escape(label)
    return _BADGES.made((name, words, str(tone)), lambda: _badge(name, words, str(tone)))


def _badge(name: str, words: SafeString, tone: str) -> SafeString:
    return format_html(
        '<span class="status status--{}" data-status="{}">{}</span>',
        tone or tone_of(name),
        name,
        words or capfirst(name.replace("_", " ")),
    )


@register.simple_tag
def sparkline(values: list[int | float], label: str = "") -> SafeString:
    """The last values as bars of an inline SVG, newest on the right; heights are relative to the highest."""
    highest = max([*values, 1])
    bars = "".join(
        f'<rect x="{index * 3}" y="{24 - height}" width="2" height="{height}"/>'
        for index, value in enumerate(values)
        if (height := max(round(value / highest * 22), 1 if value else 0))
    )
    return format_html(
        '<svg class="sparkline" role="img" aria-label="{}" viewBox="0 0 {} 24" preserveAspectRatio="none">'
        '<rect class="sparkline__base" x="0" y="23" width="{}" height="1"/>{}</svg>',
        label,
        len(values) * 3 or 1,
        len(values) * 3 or 1,
        mark_safe(bars),  # noqa: S308 -- numbers only
    )


# Where we are


@register.simple_tag
def side() -> str:
    """Which of the systems this process is; also on pages that have no request context."""
    return str(settings.SIDE)


@register.simple_tag
def side_name() -> str:
    """The system's name as its users know it."""
    return {"crm": _("Heming CRM"), "erp": _("Heming ERP"), "integration": _("Heming hub")}[settings.SIDE]


@register.simple_tag
def side_stylesheet() -> str:
    """The one stylesheet of this side, as static/build.py makes it."""
    return static(f"vendor/{settings.SIDE}.css")


@register.simple_tag
def csrf_cookie_name() -> str:
    """Each side has its own, for cookies ignore ports."""
    return str(settings.CSRF_COOKIE_NAME)


@register.simple_tag(takes_context=True)
def nav_active(context: Context, *names: str) -> SafeString:
    """`aria-current` when the page is one of these url names (or, ending in a colon, in that namespace)."""
    match = getattr(getattr(context, "request", None), "resolver_match", None)
    if match and any(_is_at(match.view_name, name) for name in names):
        return SafeString('aria-current="page"')
    return SafeString("")


def _is_at(view: str, name: str) -> bool:
    return view.startswith(name) if name.endswith(":") else view == name


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """This page's address with some parameters changed (None drops one); works inside `include … only` too."""
    request = getattr(context, "request", None)
    params = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}"


@register.simple_tag(takes_context=True)
def repeat_block(context: Context, name: str) -> SafeString:
    """Show a block a second time: the page's title is its heading too."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    return block.render(context)


# What somebody may see


@register.simple_tag(takes_context=True)
def history_button(context: Context, record: Any) -> SafeString:
    """The way to a record's history, for its page's actions; nothing for what keeps none."""
    url = url_of("history", record._meta.label_lower, record.pk) if hasattr(record, "history") else ""
    if not url:
        return SafeString("")
    engine = context.template.engine  # type: ignore[union-attr]
    told = {"url": url, "label": _("History"), "icon": "history"}
    return engine.get_template("ui/button.html").render(context.new(told))


@register.filter
def seen_by(tier: str, user: Any) -> bool:
    """`{% if "price"|seen_by:user %}`: may they see figures of this tier?"""
    return sees(user, tier)


# Forms


@register.simple_tag
def once_field() -> SafeString:
    """A key that makes a doubled submit recognisable."""
    return format_html('<input type="hidden" name="idempotency_key" value="{}">', uuid7())


@register.simple_tag
def widget(field: forms.BoundField) -> SafeString:
    """The field's control: days with a date picker, numbers with the number keyboard, errors and help announced."""
    control = field.field.widget
    attrs: dict[str, Any] = {}
    if isinstance(control, forms.DateTimeInput):
        control.input_type, control.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(control, forms.DateInput):
        control.input_type, control.format = "date", "%Y-%m-%d"
    elif isinstance(control, forms.NumberInput):
        # A browser throws away what is no number in a number input; we keep it and say what is wrong.
        control.input_type = "text"
        attrs["inputmode"] = "decimal" if isinstance(field.field, forms.DecimalField) else "numeric"
    elif isinstance(control, forms.Textarea) and control.attrs.get("rows") == "10":
        attrs["rows"] = 3
    described = [f"{field.auto_id}_{part}" for part in ("helptext", "error") if _has(field, part)]
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(QuickSelect.like(control) if type(control) is forms.Select else None, attrs)


def _has(field: forms.BoundField, part: str) -> bool:
    return bool(field.help_text if part == "helptext" else field.errors)


@register.filter
def control(field: forms.BoundField) -> str:
    """What kind of control it is, for the layout of label and input: check, radio, file, text, or what a tap fills."""
    kind = field.field.widget
    if kind.attrs.get("hidden"):
        return "tapped"
    if isinstance(kind, forms.CheckboxInput):
        return "check"
    if isinstance(kind, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.MultiWidget):
        return "choices"
    return "file" if isinstance(kind, forms.FileInput) else "text"


# Components with a body


def _component(context: Context, name: str, **values: Any) -> SafeString:
    engine = context.template.engine  # type: ignore[union-attr]
    return engine.get_template(f"ui/{name}.html").render(context.new(values))


@register.simple_block_tag(takes_context=True)
def card(
    context: Context,
    content: SafeString,
    title: str = "",
    count: Any = None,
    url: str = "",
    more: str = "",
    id: str = "",
) -> SafeString:
    """A panel with a head; `url` and `more` make a link at the right of the head."""
    return _component(context, "card", content=content, title=title, count=count, url=url, more=more, id=id)


@register.simple_block_tag(takes_context=True)
def table(
    context: Context, content: SafeString, label: str = "", currency: str = "", dense: bool = False
) -> SafeString:
    """A table that scrolls inside itself; rows are links when their first cell holds one."""
    return _component(context, "table", content=content, label=label, currency=currency, dense=dense)


@register.simple_block_tag(takes_context=True)
def sheet(context: Context, content: SafeString, id: str, title: str, wide: bool = False) -> SafeString:
    """A native dialog, a sheet from below on a phone; a button with `data-open="<id>"` opens it."""
    return _component(context, "sheet", content=content, id=id, title=title, wide=wide)


@register.simple_block_tag(takes_context=True)
def notice(context: Context, content: SafeString, tone: str = "info", title: str = "") -> SafeString:
    """A quiet box that says what matters on this page."""
    return _component(context, "notice", content=content, tone=tone, title=title)


@register.simple_block_tag(takes_context=True)
def tabs(context: Context, content: SafeString, label: str = "") -> SafeString:
    """A row of links, the current one with `{% nav_active %}` or aria-current."""
    return _component(context, "tabs", content=content, label=label or _("Views"))


@register.simple_block_tag(takes_context=True)
def live(context: Context, content: SafeString, seconds: int = 5) -> SafeString:
    """The part of a page that keeps itself current; `seconds=0` is for pages that do not. Once a page."""
    request: Any = getattr(context, "request", None)
    if not seconds or request is None or request.method != "GET":
        return content
    mark = mark_of(content)
    html = format_html(
        '<div class="stack" id="live" data-live data-mark="{}" hx-get="{}" hx-trigger="every {}s, seen" '
        'hx-swap="outerHTML">{}</div>',
        mark,
        request.get_full_path(),
        seconds,
        content,
    )
    request.live_part = Part(html, mark)
    return html


@register.simple_tag
def today() -> Date:
    """The user's day, for forms and comparisons."""
    return timezone.localdate()


@register.simple_tag
def language_names() -> list[tuple[str, str]]:
    """Each language by its own name."""
    return [(code, translation.get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
