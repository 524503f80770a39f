"""Sample data for the gallery of components: invented, in no database, long and short where that hurts."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone


class SampleForm(forms.Form):
    """One of each kind of control."""

    company = forms.CharField(label="Company", help_text="As it stands on the invoice.")
    mail = forms.EmailField(label="E-mail", required=False)
    amount = forms.DecimalField(label="Amount", decimal_places=2)
    day = forms.DateField(label="Wanted by", required=False)
    tax = forms.ChoiceField(label="Tax class", choices=[("standard", "Standard"), ("reduced", "Reduced")])
    outcome = forms.ChoiceField(
        label="Outcome",
        choices=[
            ("order", "Order"),
            ("interest", "Interest"),
            ("later", "Later"),
            ("no", "No"),
            ("absent", "Not there"),
        ],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    vip = forms.BooleanField(label="Treat with priority", required=False)


def samples() -> dict[str, Any]:
    """Everything that ui/gallery.html shows."""
    now = timezone.now()
    names = [
        "Bólido Comidas preparadas",
        "Alfreds Futterkiste",
        "和鸣贸易（上海）有限公司",
        "Ernst Handel",
        "Wandernde Kuh",
    ]
    states = ["accepted", "held", "draft", "refused", "completed"]
    rows: list[dict[str, Any]] = [
        {
            "number": f"SO-{100 + index:06}",
            "party": names[index % 5],
            "day": (now - timedelta(days=index * 3)).date(),
            "status": states[index % 5],
            "net": Decimal(index * 791942 % 900000) / 100 - 900 if index % 6 else Decimal(0),
            "open": Decimal(-index * 13) if index % 4 == 0 else Decimal(index * 100),
        }
        for index in range(48)
    ]
    return {
        "form": SampleForm({"company": "", "amount": "12,x", "outcome": "later", "note": "Kept as typed"}),
        "rows": rows,
        "total": sum((row["net"] for row in rows), Decimal(0)),
        "steps": _steps(now),
        "entries": _entries(now),
        "columns": _columns(names),
        "facts": [("Open deals", 3), ("Open tickets", 1), ("Credit band", "B"), ("Last contact", "3 days ago")],
        "bars": [0, 2, 5, 3, 8, 13, 9, 4, 0, 1, 7, 12, 18, 11, 6, 3, 2, 9, 14, 5],
        "moment": now - timedelta(minutes=7),
    }


def _steps(now: Any) -> list[dict[str, Any]]:
    then, today = now - timedelta(days=4), now - timedelta(hours=3)
    return [
        {"label": "Promised", "state": "done", "at": then, "source": "CRM"},
        {"label": "Accepted", "state": "done", "at": then, "source": "ERP", "text": "SO-000104", "url": "#"},
        {"label": "Shipped", "state": "now", "at": today, "source": "ERP", "text": "DHL 00340434161094042557"},
        {"label": "Invoiced", "state": "todo"},
        {"label": "Paid", "state": "todo"},
    ]


def _entries(now: Any) -> list[dict[str, Any]]:
    today, then = now - timedelta(hours=3), now - timedelta(days=9)
    shipped = {"title": "Shipped with DHL", "text": "00340434161094042557", "source": "ERP", "as_of": today, "url": "#"}
    return [
        {"icon": "truck", "tone": "info", "at": today, **shipped},
        {"icon": "trophy", "tone": "good", "title": "Deal won", "at": then, "by": "Maria Anders"},
        {"icon": "phone", "title": "电话跟进：客户要求周五前答复", "at": then, "by": "李伟"},
        {"icon": "alert-triangle", "tone": "bad", "title": "Invoice overdue", "at": then, "source": "ERP"},
    ]


def _columns(names: list[str]) -> list[dict[str, Any]]:
    titles = ["New", "Qualified", "Offer made", "Negotiation"]
    return [
        {
            "key": str(place),
            "title": title,
            "count": 4 - place,
            "total": Decimal(18250 * (4 - place)),
            "currency": "EUR",
            "cards": [
                _card(names[(place + index) % 5], f"{place}{index}", index, titles) for index in range(4 - place)
            ],
        }
        for place, title in enumerate(titles)
    ]


def _card(company: str, key: str, index: int, titles: list[str]) -> dict[str, Any]:
    return {
        "id": key,
        "url": "#",
        "company": company,
        "title": "Autumn order",
        "amount": Decimal(4200 + 977 * index),
        "currency": "EUR",
        "tone": ["bad", "good", "quiet", "quiet"][index],
        "days": 3 * index + 1,
        "note": "Call back tomorrow",
        "move_url": "#",
        "moves": list(enumerate(titles)),
    }
