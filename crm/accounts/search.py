"""Accounts and the people in them, found from everywhere."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from base.search import Provider, register
from crm.accounts.models import Account, Contact, PoolAccount


def find_accounts(user: Any, text: str) -> QuerySet[Account]:
    """By what people remember of a customer."""
    return Account.objects.visible_to(user).matching(text).order_by("name_key", "pk")


def find_in_pool(user: Any, text: str) -> QuerySet[PoolAccount]:
    """What lies in the pool and is no account that one sees anyway."""
    seen = Account.objects.visible_to(user).values("pk")
    found: Any = PoolAccount.objects.visible_to(user).filter(pooled_at__isnull=False)
    return found.exclude(pk__in=seen).matching(text).order_by("name_key", "pk")


def find_contacts(user: Any, text: str) -> QuerySet[Contact]:
    """People of the accounts one may see, by name, mail, phone or company."""
    return Contact.objects.visible_to(user).select_related("account").matching(text).order_by("name", "pk")


register(
    Provider("accounts", _("Accounts"), "building", find_accounts, note=lambda row: row.city, list_url="accounts:list")
)
register(
    Provider(
        "contacts",
        _("Contacts"),
        "user",
        find_contacts,
        note=lambda row: " · ".join(filter(None, [row.title, row.account.name])),
        url=lambda row: row.account.get_absolute_url(),
    )
)
register(
    Provider("pool", _("Public pool"), "lifebuoy", find_in_pool, note=lambda row: row.city, list_url="accounts:pool")
)
