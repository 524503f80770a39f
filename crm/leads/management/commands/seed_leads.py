"""A few leads to try things with: to be called, spoken with, qualified, lost; a public form and a rule besides."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from base import context
from crm.leads import services
from crm.leads.models import AssignmentRule, Lead, RuleMember, WebForm

NAMESPACE = UUID("0192f2d3-4f6e-7a55-9a55-6a1f6c0f7e23")
# (person, company, town, country, phone, e-mail, source, detail, interest, what happened)
LEADS: list[tuple[str, str, str, str, str, str, str, str, str, str]] = [
    ("Clara Weiss", "Café Sperl & Söhne", "Wien", "Austria", "+43 1 5864158", "c.weiss@sperl.example", "web",
     "Contact page", "Teas and biscuits", ""),
    ("Jonas Lindqvist", "Fiskhallen", "Göteborg", "Sweden", "+46 31 7110000", "", "event", "Nordic food fair",
     "Seafood", ""),
    ("陈静", "杭州和明茶业", "杭州", "China", "+86 571 8765 4321", "chen@heming.example", "event", "广交会",
     "红茶", "called"),
    ("Amélie Laurent", "Le Petit Comptoir", "Lyon", "France", "+33 4 72 00 00 11", "amelie@comptoir.example",
     "referral", "Blondel père et fils", "Cheese for twelve tables", "qualified"),
    ("", "Hotel Bellavista", "Lugano", "Switzerland", "+41 91 921 01 21", "", "call", "", "Breakfast range", "called"),
    ("Tom Becker", "", "Leipzig", "Germany", "+49 341 2250", "", "card", "Gastro fair", "", "not reached"),
    ("Ines Carvalho", "Mercearia do Bairro", "Porto", "Portugal", "", "ines@mercearia.example", "web", "Contact page",
     "Olive oil", "lost"),
    ("Peter Novak", "Novak Delikatesy", "Brno", "Czechia", "+420 542 221 111", "p.novak@novak.example", "referral", "",
     "Condiments", "called"),
]  # fmt: skip


class Command(BaseCommand):
    help = "Make a few demo leads with what was said, a public form and an assignment rule. May be run again."

    def handle(self, *args: Any, **options: Any) -> None:
        sellers = list(get_user_model().objects.filter(groups__name="rep", is_active=True).order_by("id"))
        if not sellers:
            self.stdout.write("nobody sells here yet: no demo leads")
            return
        with context.acting("demo"), transaction.atomic():
            self._rules(sellers)
            made = sum(self._lead(number, sellers) for number in range(len(LEADS)))
        self.stdout.write(f"{made} new demo leads")

    def _rules(self, sellers: list[Any]) -> None:
        rule, new = AssignmentRule.objects.get_or_create(name="Everybody in turn")
        if new:
            RuleMember.objects.bulk_create(RuleMember(rule=rule, user=seller) for seller in sellers)
        WebForm.objects.get_or_create(
            slug="contact",
            defaults={
                "name": "Contact page",
                "heading": "Northwind Traders: write to us",
                "intro": "Tell us what you are looking for, and we come back to you within the day.",
                "consent_text": "You may write to me about new products and offers.",
            },
        )

    def _lead(self, number: int, sellers: list[Any]) -> bool:
        """One lead, unless it is there; two of three belong to the first seller."""
        person, company, city, country, phone, email, source, detail, interest, happened = LEADS[number]
        key = uuid5(NAMESPACE, f"lead {number}")
        if Lead.objects.filter(pk=key).exists():
            return False
        owner = sellers[0] if number % 3 else sellers[-1]
        lead = services.create_lead(
            id=key, owner=owner, by=owner, person=person, company=company, city=city, country=country, phone=phone,
            email=email, source=source, source_detail=detail, interest=interest,
        )  # fmt: skip
        day = timezone.localdate()
        if happened == "not reached":
            services.log(lead, "call", by=owner, outcome="not_reached", next_step="Try again", next_step_on=day)
        elif happened:
            services.log(lead, "call", by=owner, outcome="interested", text="Wants to hear more",
                         next_step="Send the price list", next_step_on=day + timedelta(days=2))  # fmt: skip
        if happened == "qualified":
            services.qualify(lead, by=owner)
        if happened == "lost":
            services.lose(lead, "competitor", by=owner, note="Bought from a neighbour")
        return True
