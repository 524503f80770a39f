"""What is shown of opening items on the pages of parties."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from base.roles import has_role
from erp.openings.lists import state_of
from erp.openings.models import OpeningItem
from erp.openings.roles import READERS
from erp.parties.models import Party


def items_of_party(request: HttpRequest, party: Party) -> str:
    """What is still open of before, the oldest first."""
    if not has_role(request.user, *READERS):
        return ""
    rows = OpeningItem.objects.visible_to(request.user).unsettled().filter(party=party).order_by("due", "id")[:50]
    found = [(item, state_of(item)) for item in rows]
    return render_to_string("erp/openings/_items.html", {"items": found}, request=request) if found else ""
