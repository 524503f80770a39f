"""Customers as they are now, for the ERP that hears of them later."""

from collections.abc import Iterator
from uuid import UUID

from crm.accounts.merging import merged_into
from crm.accounts.models import Account
from crm.accounts.services import snapshot
from integration.contracts.customers import CustomerMerged, CustomerUpdated
from integration.outbox.snapshots import snapshot_of


def registered() -> Iterator[UUID]:
    """All the customers the ERP may know."""
    return Account.objects.filter(registered=True).order_by("pk").values_list("pk", flat=True).iterator()


def known_as(key: str) -> UUID | None:
    """The customer of this id, if the ERP may know it."""
    try:
        return Account.objects.filter(registered=True, pk=UUID(key)).values_list("pk", flat=True).first()
    except ValueError:
        return None


@snapshot_of("customers", registered, "customer", known_as)
def customer(key: UUID) -> Iterator[CustomerUpdated | CustomerMerged]:
    """One customer, and what is a part of it; whoever does not know it takes it for a new one."""
    account = Account.objects.select_for_update().get(pk=key)
    told = snapshot(account)
    yield CustomerUpdated(customer=account.pk, snapshot=told)
    for part in merged_into(account.pk):
        yield CustomerMerged(customer=account.pk, merged=part, snapshot=told)
