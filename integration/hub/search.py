"""Events and mappings, found from everywhere."""

from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from base.search import Provider, only_for, register
from integration.hub.filters import named
from integration.hub.lists import ROW
from integration.hub.models import Archived, Mapping
from integration.hub.roles import READERS


def find_events(user: Any, text: str) -> QuerySet[Archived]:
    """By the id of event, correlation or aggregate, or by contract; the newest first."""
    found = only_for(user, READERS, Archived.objects.only(*ROW))
    return found.filter(named(text) | Q(type__icontains=text)).order_by("-archived_at")


def find_mappings(user: Any, text: str) -> QuerySet[Mapping]:
    """By name or party code."""
    rows = only_for(user, READERS, Mapping.objects.all())
    return rows.filter(Q(name__icontains=text) | Q(party__istartswith=text)).order_by("name", "customer")


register(
    Provider(
        "events",
        _("Events"),
        "list-details",
        find_events,
        title=lambda row: row.type,
        note=lambda row: row.partition_key,
        list_url="hub:events",
        url=lambda row: reverse("hub:event", args=[row.pk]),
    )
)
register(
    Provider(
        "mapping",
        _("Mapping"),
        "arrows-exchange",
        find_mappings,
        title=lambda row: f"{row.name} ↔ {row.party}",
        list_url="hub:mapping",
        url=lambda row: f"{reverse('hub:mapping')}?{urlencode({'q': row.party})}",
    )
)
