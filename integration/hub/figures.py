"""Figures of the wire: what each side told, hour by hour."""

from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from base.charts import Chart, Series
from integration.hub.models import Archived

HOURS = 24
SIDES = {"crm": "CRM", "erp": "ERP"}


def throughput(now: datetime | None = None) -> Chart | None:
    """Events archived in each of the last 24 hours, by the side that told them."""
    now = now or timezone.now()
    this_hour = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    rows = Archived.objects.filter(archived_at__gte=hours[0], archived_at__lte=now).order_by()
    counted = rows.annotate(hour=TruncHour("archived_at")).values("hour", "source").annotate(events=Count("pk"))
    found = {(row["source"], row["hour"]): row["events"] for row in counted}
    if not found:
        return None
    series = [Series(name, [found.get((side, hour), 0) for hour in hours]) for side, name in SIDES.items()]
    sums = [sum(values) for values in zip(*(one.values for one in series), strict=True)]
    busiest = hours[sums.index(max(sums))]
    return Chart(
        key="throughput",
        title=ngettext(
            "{count} event in 24 hours, most of them at {hour}",
            "{count} events in 24 hours, most of them at {hour}",
            sum(sums),
        ).format(count=sum(sums), hour=date_format(busiest, "H:i")),
        unit=_("events an hour"),
        head=_("Hour"),
        labels=[date_format(hour, "H:i") for hour in hours],
        series=series,
        kind="line",
    )
