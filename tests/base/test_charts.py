from decimal import Decimal

import pytest
from django.template.loader import render_to_string

from base.charts import Chart, Series


def chart(**more: object) -> Chart:
    facts = {
        "key": "won",
        "title": "Most was won in March",
        "unit": "EUR",
        "head": "Month",
        "labels": ["Feb", "Mar"],
        "series": [Series("Won", [Decimal("10.50"), Decimal(20)]), Series("Lost", [None, Decimal(5)])],
        "money": True,
    }
    return Chart(**{**facts, **more})  # type: ignore[arg-type]


def test_a_chart_has_its_table_behind_it() -> None:
    html = render_to_string("ui/chart.html", {"chart": chart()})

    assert '<th scope="row">Feb</th><td class="num"><span class="money ">10.50</span></td><td class="num"></td>' in html
    assert 'aria-label="Most was won in March, EUR. The figures are in the table below."' in html


def test_what_the_script_draws_is_json_beside_it() -> None:
    assert chart().data == {
        "kind": "bar",
        "unit": "EUR",
        "labels": ["Feb", "Mar"],
        "series": [{"name": "Won", "values": [10.5, 20.0]}, {"name": "Lost", "values": [None, 5.0]}],
    }


def test_names_from_outside_cannot_leave_the_json() -> None:
    html = render_to_string("ui/chart.html", {"chart": chart(labels=["</script><script>alert(1)</script>", "b"])})

    assert "<script>alert" not in html


@pytest.mark.parametrize("wrong", [{"kind": "pie"}, {"labels": ["one"]}, {"series": [Series("x", [1, 2])] * 6}])
def test_what_nobody_could_read_is_no_chart(wrong: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        chart(**wrong)
