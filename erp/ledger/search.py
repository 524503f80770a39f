"""Journal entries, vouchers and accounts, found from everywhere."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from erp.ledger.models import Account, JournalEntry, Voucher
from erp.ledger.services import company
from erp.ledger.views import READERS


def find_entries(user: Any, text: str) -> QuerySet[JournalEntry]:
    """By number or text; the newest first."""
    found = only_for(user, READERS, JournalEntry.objects.filter(company=company()))
    for word in text.split()[:6]:
        found = found.filter(Q(number__icontains=word) | Q(text__icontains=word))
    return found.order_by("-date", "-pk")


def find_vouchers(user: Any, text: str) -> QuerySet[Voucher]:
    """By text; posted ones are found as entries."""
    found = only_for(user, READERS, Voucher.objects.filter(company=company(), entry=None))
    for word in text.split()[:6]:
        found = found.filter(text__icontains=word)
    return found.order_by("-pk")


def find_accounts(user: Any, text: str) -> QuerySet[Account]:
    """By code, initials or either name."""
    found = only_for(user, READERS, Account.objects.filter(company=company()))
    for word in text.split()[:6]:
        found = found.filter(
            Q(code__startswith=word) | Q(initials__iexact=word) | Q(name__icontains=word) | Q(name_zh__icontains=word)
        )
    return found.order_by("code")


register(
    Provider(
        "entries",
        _("Entries"),
        "book",
        find_entries,
        note=lambda row: f"{row.date.isoformat()} · {row.text}",
        list_url="ledger:journal",
    )
)
register(
    Provider(
        "vouchers",
        _("Vouchers"),
        "pencil",
        find_vouchers,
        title=lambda row: row.text,
        note=lambda row: row.get_status_display(),
    )
)
register(Provider("chart", _("Accounts"), "list-numbers", find_accounts, note=lambda row: row.get_type_display()))
