"""What the measures say: how long and how many taps each form takes, what each field costs, and how that goes on."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Aggregate, Count, FloatField, Sum
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.translation import gettext as _

from base.charts import Chart, Series
from base.days import written
from base.visible import VisibleQuerySet
from crm.access.models import Team
from crm.meter.known import NAMES, fields_of
from crm.meter.models import Measure

FORMS_DRAWN, FIELDS_DRAWN = 10, 12
_FIELDS = """
SELECT field.key, count(*) FILTER (WHERE (field.value->>3)::integer = 1),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY (field.value->>0)::numeric)
         FILTER (WHERE (field.value->>0)::numeric > 0),
       percentile_cont(0.9) WITHIN GROUP (ORDER BY (field.value->>0)::numeric)
         FILTER (WHERE (field.value->>0)::numeric > 0),
       sum((field.value->>0)::numeric), sum((field.value->>1)::integer), sum((field.value->>2)::integer)
FROM ({measures}) AS measure, LATERAL jsonb_each(measure.fields) AS field GROUP BY field.key ORDER BY 5 DESC, 1
"""


class Percentile(Aggregate):
    """So many stay below."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@dataclass(frozen=True)
class Cost:
    """What saves of one kind took: half stayed below `half`, nine of ten below `most`."""

    name: str
    label: Any
    saves: int
    seconds_half: Decimal
    seconds_most: Decimal
    taps_half: Decimal
    taps_most: Decimal
    keys_half: Decimal
    keys_most: Decimal
    mistakes: int = 0


@dataclass(frozen=True)
class FieldCost:
    """What one field takes of a form's time, and how often somebody fills it."""

    name: str
    label: Any
    filled: int
    filled_share: Decimal
    seconds_half: Decimal | None
    seconds_most: Decimal | None
    seconds_each: Decimal
    time_share: Decimal
    taps: int
    keys: int


def figures(user: Any, *, weeks: int, form: str, **narrowed: str) -> dict[str, Any]:
    """All that page, files and API tell; without a form its most used one is looked into."""
    found = chosen(Measure.objects.visible_to(user), weeks, **narrowed)
    forms = by_form(found)
    form = form or (forms[0].name if forms else "")
    return {
        "since": since(weeks),
        "form": form,
        "forms": forms,
        "weeks": by_week(found.filter(form=form)),
        "fields": by_field(found, form),
    }


def since(weeks: int) -> date:
    """The Monday that the weeks begin with, this one included."""
    today = timezone.localdate()
    return today - timedelta(days=today.weekday()) - timedelta(weeks=weeks - 1)


def chosen(measures: VisibleQuerySet, weeks: int, **narrowed: str) -> VisibleQuerySet:
    """Those of the last weeks, of one screen, role or team where that is said."""
    found = measures.filter(day__gte=since(weeks))
    for name, value in narrowed.items():
        found = found.filter(**{name: value}) if value else found
    return found


def by_form(measures: VisibleQuerySet) -> list[Cost]:
    """Each form, the most used first."""
    rows = measures.order_by().values("form").annotate(**_costs()).order_by("-saves", "form")
    return [_cost(row["form"], NAMES.get(row["form"], row["form"]), row) for row in rows]


def by_week(measures: VisibleQuerySet) -> list[tuple[date, Cost]]:
    """Week by week, the oldest first; weeks without a save are left out."""
    rows = measures.order_by().annotate(week=TruncWeek("day")).values("week").annotate(**_costs()).order_by("week")
    return [(row["week"], _cost(row["week"].isoformat(), written(row["week"]), row)) for row in rows]


def by_field(measures: VisibleQuerySet, form: str) -> list[FieldCost]:
    """The fields of one form, the dearest first."""
    found = measures.filter(form=form)
    sums = found.aggregate(saves=Count("pk"), seconds=Sum("seconds"))
    if not sums["saves"]:
        return []
    sql, told = found.order_by().values("fields").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_FIELDS.format(measures=sql), told)
        rows = cursor.fetchall()
    known = fields_of(form)
    return [
        FieldCost(
            name=name,
            label=known.get(name, name),
            filled=filled,
            filled_share=_thousandth(Decimal(filled) / sums["saves"]),
            seconds_half=_tenth(half),
            seconds_most=_tenth(most),
            seconds_each=_tenth(seconds / sums["saves"]) or Decimal(0),
            time_share=_thousandth(seconds / sums["seconds"]) if sums["seconds"] else Decimal(0),
            taps=taps,
            keys=keys,
        )
        for name, filled, half, most, seconds, taps, keys in rows
    ]


def teams() -> list[tuple[str, str]]:
    """Teams by id and name, for the choice."""
    return [(str(pk), name) for pk, name in Team.objects.values_list("pk", "name")]


def charts(forms: list[Cost], weeks: list[tuple[date, Cost]], fields: list[FieldCost]) -> list[Chart]:
    """Seconds by form, week by week, and by field."""
    drawn = []
    if forms:
        shown = sorted(forms, key=lambda one: one.seconds_half, reverse=True)[:FORMS_DRAWN]
        drawn.append(
            Chart(
                key="forms",
                title=_("“{form}” takes longest: half of all within {seconds} s").format(
                    form=shown[0].label, seconds=shown[0].seconds_half
                ),
                unit=_("seconds"),
                head=_("Form"),
                labels=[one.label for one in shown],
                series=_halves(shown),
                kind="across",
            )
        )
    if len(weeks) > 1:
        drawn.append(
            Chart(
                key="weeks",
                title=_trend([cost for _week, cost in weeks]),
                unit=_("seconds"),
                head=_("Week of"),
                labels=[cost.label for _week, cost in weeks],
                series=_halves([cost for _week, cost in weeks]),
                kind="line",
            )
        )
    if fields and fields[0].seconds_each:
        shown_fields = fields[:FIELDS_DRAWN]
        drawn.append(
            Chart(
                key="fields",
                title=_("“{field}” takes {share} % of the time").format(
                    field=fields[0].label, share=round(100 * fields[0].time_share)
                ),
                unit=_("seconds per save"),
                head=_("Field"),
                labels=[one.label for one in shown_fields],
                series=[Series(_("Seconds per save"), [one.seconds_each for one in shown_fields])],
                kind="across",
            )
        )
    return drawn


def _halves(costs: list[Cost]) -> list[Series]:
    return [
        Series(_("Half within"), [one.seconds_half for one in costs]),
        Series(_("Nine of ten within"), [one.seconds_most for one in costs]),
    ]


def _trend(costs: list[Cost]) -> str:
    first, last = costs[0].seconds_half, costs[-1].seconds_half
    if last == first:
        return _("As long as in the first week: {seconds} s").format(seconds=last)
    words = _("Quicker than in the first week: {last} s after {first} s")
    if last > first:
        words = _("Slower than in the first week: {last} s after {first} s")
    return words.format(first=first, last=last)


def _costs() -> dict[str, Any]:
    told: dict[str, Any] = {"saves": Count("pk"), "sent_back": Sum("mistakes")}
    for name in ("seconds", "taps", "keys"):
        told |= {f"{name}_half": Percentile(name, fraction=0.5), f"{name}_most": Percentile(name, fraction=0.9)}
    return told


def _cost(name: str, label: Any, row: dict[str, Any]) -> Cost:
    figures = {key: _tenth(value) for key, value in row.items() if key.endswith(("_half", "_most"))}
    return Cost(name=name, label=label, saves=row["saves"], mistakes=row["sent_back"], **figures)  # type: ignore[arg-type]


def _thousandth(share: Decimal) -> Decimal:
    return share.quantize(Decimal("0.001")).normalize()


def _tenth(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.1"))
