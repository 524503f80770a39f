"""Something in nearly every list of a side, for tests that walk them all."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from base.ids import uuid7
from tests.lists import fill_common_lists


def fill_lists(by: Any) -> None:
    """This side's records; those that are somebody's are `by`'s."""
    {"crm": _crm, "erp": _erp, "integration": _hub}[settings.SIDE](by)
    fill_common_lists(by)


def _crm(by: Any) -> None:
    from crm.accounts import tag_words  # another side's process does not have these
    from crm.accounts.models import CustomField
    from crm.accounts.services import add_contact, update_account
    from crm.promotions.services import decide
    from crm.tickets.services import open_ticket
    from tests.crm.leads.makers import lead
    from tests.crm.makers import account, deal, offered

    offered()
    days = {"first_day": timezone.localdate(), "last_day": timezone.localdate()}
    for name, discount in (("Spring", "0.10"), ("Autumn", "0.05")):
        decide(by=by, name=name, discount=Decimal(discount), skus=["CHAI"], countries=["france"], **days)
    for name, city in (("Alfreds", "Aachen"), ("Vins", "Reims")):
        told = {"phone": "030 1", "email": f"info@{name.lower()}.example", "country": "Germany", "industry": "Food"}
        company = account(name, city=city, owner=by, **told)
        add_contact(company, name=f"Anna {name}", title="Boss", email=f"anna@{name.lower()}.example")
        deal(("CHAI", "5"), of=company, by=by, next_step="call", next_step_on=timezone.localdate())
        open_ticket(company, f"Tea of {name}", by=by, text="Late", assignee=by)
        lead(person=name, owner=by)
    for name in ("Gone", "Left"):
        update_account(account(name, city="Bern", country="Germany", industry="Food", owner=by), owner=None)
    tag_words.known(["black tea", "green tea"])
    for of, key in (("lead", "size"), ("deal", "colour")):
        CustomField.objects.create(of=of, key=key, label_en=key.title())


def _erp(by: Any) -> None:
    from erp.banking import services as banking  # another side's process does not have these
    from erp.invoices import services as invoicing
    from erp.ledger import dimensioning
    from erp.openings import services as openings
    from erp.openings.services import NewItem
    from erp.proof.models import Run
    from erp.tax import returns
    from tests.erp.bills.makers import bill_of
    from tests.erp.invoices.makers import invoice_of, reported, shipped_order
    from tests.erp.makers import company
    from tests.erp.orders.makers import TODAY, make_order, offer
    from tests.erp.rates.makers import rate
    from tests.erp.recurring.makers import rent
    from tests.erp.tax.makers import OCTOBER
    from tests.erp.terms.makers import terms

    company()
    invoice = invoice_of(("CHAI", "5", "20.00"))
    invoicing.take_payment(invoice, invoice.payable, TODAY)
    banking.report_deposit(reported())
    shipped_order(("SOAP", "5", "20.00"))
    offer("TOFU")
    make_order(("TOFU", "1", "18.00"))
    bill_of()
    rate("0.90")
    terms("HALF")
    dimensioning.open_dimension(by=by, kind="cost_centre", code="S10", name="Sales")
    rent(by)
    item = NewItem("receivable", invoice.party, "2025-1", TODAY, TODAY, Decimal("5.00"))
    openings.open_items(TODAY, [item], by)
    returns.file(company(), OCTOBER, by)
    Run.objects.create(started_at=timezone.now(), finished_at=timezone.now(), checked=40, broken=1)


def _hub(_by: Any) -> None:
    from integration.contracts.parties import PartyOpened
    from integration.hub.models import Alert, Case, Comparison, Delivery, Observation, Pause
    from tests.integration.hub.test_views import registered, told

    customer, side = uuid7(), Client()
    told(side, registered(customer))
    told(side, PartyOpened(customer=customer, party="C00001", payment_terms_days=30))
    Case.objects.create(number=1, cause="gap", source="crm", contract="crm.deal.won.v1", about="deal:1", differences=[])
    Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(state="parked", answered=422, error="no SKU")
    Pause.objects.create(scope="contract", target="crm.deal.won.v1", reason="looking", began_by="olga")
    Alert.objects.create(kind="parked", subject="crm.deal.won.v1 erp", text="2 are parked", url="/parked/")
    seen = {"verdict": "refused", "text": "no such party", "tried_at": timezone.now()}
    event = Delivery.objects.latest("pk")
    Observation.objects.create(route=event.route, event=event.event, **seen)
    Comparison.objects.create(subject="customers", compared=3, differing=1)
