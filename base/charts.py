"""Charts: figures that are quicker seen than read. The template shows the finding as the title, and a table behind it.

Chart("won", _("Most was won in March"), "EUR", _("Month"), labels=months, series=[Series(_("Won"), sums)])
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

Figure = Decimal | int | None
SERIES_MAX = 5


@dataclass(frozen=True)
class Series:
    """One line, or one colour of bars."""

    name: Any
    values: Sequence[Figure]


@dataclass(frozen=True)
class Chart:
    """What is shown; `key` is unique on the page, `title` says what one should see in it."""

    key: str
    title: Any
    unit: str
    head: Any
    labels: Sequence[Any]
    series: Sequence[Series]
    kind: str = "bar"  # bar, stacked, across (bars from left to right) or line
    money: bool = False
    notes: Sequence[Any] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        assert self.kind in {"bar", "stacked", "across", "line"}, self.kind
        assert 1 <= len(self.series) <= SERIES_MAX, "more than five series cannot be told apart"
        assert all(len(series.values) == len(self.labels) for series in self.series)

    @property
    def rows(self) -> list[tuple[Any, list[Figure]]]:
        """The table behind the chart.

        >>> Chart("k", "T", "EUR", "Month", ["Jan", "Feb"], [Series("A", [1, 2]), Series("B", [3, None])]).rows
        [('Jan', [1, 3]), ('Feb', [2, None])]
        """
        return [(label, [series.values[place] for series in self.series]) for place, label in enumerate(self.labels)]

    @property
    def data(self) -> dict[str, Any]:
        """What static/js/chart.js draws; figures go over as numbers, for pixels are no books."""
        return {
            "kind": self.kind,
            "unit": self.unit,
            "labels": [str(label) for label in self.labels],
            "series": [
                {
                    "name": str(series.name),
                    "values": [None if value is None else float(value) for value in series.values],
                }
                for series in self.series
            ],
        }

    @property
    def data_id(self) -> str:
        return f"{self.key}-data"


def months_back(count: int, today: date) -> list[date]:
    """The first days of the last months, this one included, oldest first.

    >>> months_back(3, date(2026, 1, 15))
    [datetime.date(2025, 11, 1), datetime.date(2025, 12, 1), datetime.date(2026, 1, 1)]
    """
    last = today.year * 12 + today.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(last - count + 1, last + 1)]
