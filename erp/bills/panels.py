"""What is shown of bills on the pages of suppliers."""

from django.http import HttpRequest
from django.template.loader import render_to_string

from base.roles import has_role
from erp.bills.models import Bill
from erp.bills.roles import READERS
from erp.parties.models import Party


def bills_of_party(request: HttpRequest, party: Party) -> str:
    """The supplier's last bills."""
    if not has_role(request.user, *READERS):
        return ""
    rows = list(Bill.objects.visible_to(request.user).for_list().filter(party=party)[:20])
    return render_to_string("erp/bills/_bills.html", {"bills": rows}, request=request) if rows else ""
