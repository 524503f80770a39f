"""Two customers are one in the CRM, or two again: their parties are linked here, and every document stays where it is.

What they owe counts together, against the limit of the one that stands for all. A link leads straight to that one:
when it is merged itself, its parts go along.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from erp.parties import services
from erp.parties.following import classed
from erp.parties.models import Party
from integration.contracts.customers import CustomerSnapshot


@transaction.atomic
def link_parties(customer: UUID, merged: UUID, snapshot: CustomerSnapshot) -> bool:
    """`merged` is a part of `customer` from now on. False when that cannot be yet: its party is not open, or is still
    a part of another. Who the one that stays is now, is taken over anyway; again is the same."""
    known = _held(customer, merged)
    stays = services.update_from_crm(customer, snapshot)
    part, whole = known.get(merged), stays.merged_into or stays
    if part is None or part == whole:
        return False
    if part.merged_into_id is not None:
        return part.merged_into_id == whole.pk
    for one in [*Party.objects.filter(merged_into=part).order_by("pk"), part]:
        _point(one, whole)
    _hold_along(part, whole)
    classed(whole)
    return True


@transaction.atomic
def unlink_parties(customer: UUID, split: UUID, snapshot: CustomerSnapshot, along: Collection[UUID] = ()) -> None:
    """`split` stands for itself again, and for those `along` that were a part of it; again is the same.

    The CRM hears the terms of the one that is back: while it was a part of another nobody there listened.
    """
    known = _held(customer, split, *along)
    stays = services.update_from_crm(customer, snapshot)
    part, whole = known.get(split), stays.merged_into or stays
    if part is None or part.merged_into_id != whole.pk:
        return
    _point(part, None)
    for key in along:
        one = known.get(key)
        if one is not None and one.merged_into_id == whole.pk:
            _point(one, part)
    services.tell_classed(part)
    for one in (part, whole):
        classed(one)


def _held(*customers: UUID) -> dict[UUID | None, Party]:
    """Their parties, with those they are linked to, held in the order of their keys."""
    named = Party.objects.filter(customer__in=customers)
    meant = Q(pk__in=named.values("pk")) | Q(pk__in=named.values("merged_into")) | Q(merged_into__in=named.values("pk"))
    held = Party.objects.filter(meant).order_by("pk").select_for_update(no_key=True)
    return {party.customer: party for party in held}


def _hold_along(part: Party, whole: Party) -> None:
    """Who was on hold does not get goods under another name: the hold goes along, and who may release it."""
    if not part.on_hold or whole.on_hold:
        return
    whole.on_hold, whole.hold_reason = True, part.hold_reason
    whole.held_by, whole.released_by = part.held_by, ""
    whole.save(update_fields=["on_hold", "hold_reason", "held_by", "released_by", "updated_at"])


def _point(party: Party, whole: Party | None) -> None:
    party.merged_into = whole
    party.save(update_fields=["merged_into", "updated_at"])
