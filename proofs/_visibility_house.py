"""A company of chance: people in teams of teams, with every role and none, and records that changed hands among them.

Each record carries a word of its own (`zacc00017z`) in what lists, files and searches show of it. What cannot come by a
plain save (merges, quotes, stays in the pool) is made by the product's own verbs or the database's triggers.
"""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

from proofs._visibility_facts import table

ROLES = ("rep", "agent", "manager", "admin")
# How many of each there are for each person.
SHARES = {
    "acc": 0.7, "con": 0.8, "dea": 0.7, "tic": 0.5, "lea": 0.6, "ent": 1.0, "quo": 0.2, "app": 0.1, "dep": 0.05,
    "mes": 0.4, "ret": 0.05, "pho": 0.15, "rec": 0.1, "che": 0.1, "han": 0.15, "mer": 0.04, "vie": 0.1, "cla": 0.1,
    "sha": 0.5,
}  # fmt: skip
LANDS = ("DE", "GB", "CN")


def word(kind: str, number: int) -> str:
    """What a record is found by."""
    return f"z{kind}{number:05d}z"


class House:
    """Builds it; `people`, and the records by their kinds, are what was made."""

    def __init__(self, seed: int, size: int) -> None:
        self.seed, self.size, self.dice = seed, size, random.Random(seed)
        self.people: list[Any] = []
        self.teams: list[Any] = []
        self.made: dict[str, list[Any]] = {kind: [] for kind in SHARES}

    def build(self) -> None:
        """People, then teams, then records, then what happens to them."""
        self._hire()
        self._gather()
        for step in (
            self._accounts,
            self._shares,
            self._leads,
            self._deals,
            self._tickets,
            self._talks,
            self._paper,
            self._asking,
        ):
            step()
        self._move_people()

    # -- people --------------------------------------------------------------------------------------------------------

    def _hire(self) -> None:
        from django.contrib.auth import get_user_model
        from django.contrib.auth.models import Group

        groups = {name: Group.objects.get(name=name) for name in ROLES}
        weights = {("rep",): 70, ("agent",): 9, ("manager",): 7, ("admin",): 2, (): 5, ("rep", "agent"): 2,
                   ("rep", "manager"): 2}  # fmt: skip
        always = [("rep",), ("rep",), ("agent",), ("manager",), ("admin",), ()]
        for number in range(self.size):
            roles = always[number] if number < len(always) else self.dice.choices(list(weights), [*weights.values()])[0]
            user = get_user_model()(username=f"p{self.seed}-{number:03d}", is_active=self.dice.random() > 0.07)
            user.is_superuser = number == len(always)
            user.set_unusable_password()
            user.save()
            user.groups.set([groups[role] for role in roles])
            self.people.append(user)

    def _gather(self) -> None:
        """Teams below teams; somebody in none, in one or in two; some lead, a few together; a manager among reps."""
        team, member = table("access.Team"), table("access.TeamMember")
        for number in range(max(4, self.size // 11)):
            above = self.dice.choice([None, *self.teams]) if self.teams else None
            self.teams.append(team.objects.create(name=f"Team {self.seed}-{number}", parent=above))
        for user in self.people:
            for one in self.dice.sample(self.teams, self.dice.choices((0, 1, 2), (15, 65, 20))[0]):
                member.objects.create(team=one, user=user, leads=self.dice.random() < 0.2)

    def _move_people(self) -> None:
        """After the records stand: teams change their place, people leave, begin and stop to lead."""
        members = list(table("access.TeamMember").objects.filter(team__in=self.teams))
        for one in self.dice.sample(members, len(members) // 12):
            one.delete()
        for one in self.dice.sample([one for one in members if one.pk], len(members) // 12):
            one.leads = not one.leads
            one.save()
        for number in range(1, len(self.teams), 5):
            self.teams[number].parent = self.dice.choice([None, *self.teams[:number]])
            self.teams[number].save()
        for user in self.dice.sample(self.people[7:], len(self.people) // 25):
            user.is_active = not user.is_active
            user.save()

    # -- records -------------------------------------------------------------------------------------------------------

    def _each(self, kind: str) -> list[tuple[int, str]]:
        return [(number, word(kind, number)) for number in range(max(3, round(self.size * SHARES[kind])))]

    def _somebody(self, nobody: float = 0.0) -> Any:
        return None if self.dice.random() < nobody else self.dice.choice(self.people)

    def _accounts(self) -> None:
        from crm.accounts import merging, pool, services
        from crm.accounts.models import Contact

        accounts, contacts = self.made["acc"], self.made["con"]
        for number, name in self._each("acc"):
            owner = self._somebody(0.15)
            fields: dict[str, Any] = {
                "phone": f"+4930{self.seed % 1000:03d}{number:05d}",
                "country": self.dice.choice(LANDS),
            }
            accounts.append(services.create_account(name=name, owner=owner, **fields))
        for _number, name in self._each("con"):
            contacts.append(Contact.objects.create(account=self.dice.choice(accounts), name=name, title="Head"))
        chosen = self.dice.sample(accounts, len(accounts) // 3)
        for place, account in enumerate(chosen):
            account.refresh_from_db()
            account.owner = None if place % 3 else self._somebody()  # into the pool, or handed over
            account.save()
            if place % 6 == 1:
                account.refresh_from_db()
                claimer = self.people[0] if place == 1 else self._somebody()
                if claimer.groups.exists() and claimer.is_active:
                    pool.claim(account.pk, claimer)
                else:
                    account.owner = claimer
                    account.save()
        chief = self.people[len(ROLES) + 2]
        chief.is_active = True
        chief.save()
        for _number, _name in self._each("mer"):
            winner, loser = self.dice.sample(accounts, 2)
            accounts.remove(loser)
            self.made["mer"].append(merging.merge(winner, loser, by=chief))

    def _shares(self) -> None:
        """With people and teams, to see and to change; some are over since yesterday, end today or were ended."""
        from django.utils import timezone

        from base.days import house_day

        today, known = house_day(), set()
        for number, why in self._each("sha"):
            account = self.dice.choice(self.made["acc"])
            whom = {"team": self.dice.choice(self.teams)} if number % 3 == 0 else {"user": self._somebody()}
            days = (-1, 0, 1, 30)[self.dice.randrange(4)]
            told = {"level": ("see", "change")[self.dice.random() < 0.5], "until": today + timedelta(days=days)}
            if self.dice.random() < 0.15:
                told["ended_at"] = timezone.now()
            elif (mark := (account.pk, *whom, *whom.values())) in known:
                continue
            else:
                known.add(mark)
            told |= {"why": why, "since": today - timedelta(days=5), "given_by": self._somebody()}
            share = table("accounts.AccountShare").objects.create(account=account, **whom, **told)
            self.made["sha"].append(share)

    def _leads(self) -> None:
        from crm.leads.models import Conversion, Lead

        for _number, name in self._each("lea"):
            owner = self._somebody(0.3)
            team = self.dice.choice(self.teams) if self.dice.random() < 0.4 else None
            lead = Lead.objects.create(person=name, owner=owner, team=team, email=f"{name}{self.seed}@example.com")
            fate = self.dice.random()
            if fate < 0.15:
                lead.lose("other", "")
                lead.save()
            elif fate < 0.35:
                lead.convert()
                lead.save()
                Conversion.objects.create(lead=lead, account=self.dice.choice(self.made["acc"]), by=self._somebody())
            elif fate < 0.5:
                lead.owner = self._somebody(0.4)
                lead.save()
            self.made["lea"].append(lead)

    def _deals(self) -> None:
        from django.utils import timezone

        from crm.pipeline import services
        from crm.pipeline.models import DealLine
        from crm.pipeline.reports import default_pipeline

        stages = list(table("pipeline.Stage").objects.filter(pipeline=default_pipeline()))
        for number, title in self._each("dea"):
            deal = services.create_deal(self.dice.choice(self.made["acc"]), by=self.people[0], title=title)
            deal.owner, deal.stage = self._somebody(0.1), stages[number % len(stages)]
            net = Decimal(10 + number)
            line = {"sku": f"S{self.seed}", "quantity": 1, "unit_price": net, "net_amount": net, "in_catalogue": False}
            self.made.setdefault("lin", []).append(DealLine.objects.create(deal=deal, position=1, **line))
            deal.net_total = net
            deal.next_step, deal.next_step_on = f"Call {title}", timezone.localdate() - timedelta(days=number % 3)
            deal.save()
            fate = self.dice.random()
            if fate < 0.35:
                deal.ordered_on = timezone.localdate()
                deal.win(timezone.now()) if fate < 0.2 else deal.lose(timezone.now())
                deal.save()
            elif fate < 0.5:
                deal.owner = self._somebody()
                deal.save()
            self.made["dea"].append(deal)

    def _tickets(self) -> None:
        from crm.tickets import services
        from crm.tickets.models import ReturnRequest, TicketMessage

        for _number, subject in self._each("tic"):
            account = self.dice.choice(self.made["acc"])
            ticket = services.open_ticket(account, subject, by=self._somebody(), assignee=self._somebody(0.4))
            fate = self.dice.random()
            if fate < 0.25:
                ticket.solve()
                ticket.save()
            elif fate < 0.4:
                ticket.assignee = self._somebody(0.3)
                ticket.save()
            self.made["tic"].append(ticket)
        for number, body in self._each("mes"):
            side = {"visibility": ("public", "internal")[number % 2], "from_customer": False}
            about = {"ticket": self.dice.choice(self.made["tic"]), "author": self._somebody(), "body": body}
            self.made["mes"].append(TicketMessage.objects.create(**about, **side))
        for _number, reason in self._each("ret"):
            ticket = self.dice.choice(self.made["tic"])
            deal = self._deal_of(ticket.account_id)
            if deal is not None:
                wish = {"ticket": ticket, "deal": deal, "reason": reason, "requested_by": self._somebody()}
                self.made["ret"].append(ReturnRequest.objects.create(**wish))

    def _deal_of(self, account: Any) -> Any:
        return next((deal for deal in self.made["dea"] if deal.account_id == account), None)

    def _talks(self) -> None:
        """The timeline: with accounts, with leads, with both; what the ERP told; photos, recordings, check-ins."""
        from django.utils import timezone

        from base.ids import uuid7
        from crm.activities.models import CheckIn, Entry, Photo, Recording

        now, entries = timezone.now(), self.made["ent"]
        for number, text in self._each("ent"):
            about: dict[str, Any] = {"text": text, "occurred_at": now, "author": self._somebody()}
            about["kind"] = ("note", "call", "visit", "task")[number % 4]
            if number % 4 == 3:
                about |= {"next_step": text, "next_step_on": timezone.localdate() - timedelta(days=1)}
            fate = self.dice.random()
            if fate < 0.75:
                about["account"] = self.dice.choice(self.made["acc"])
            if fate > 0.6:
                about["lead"] = self.dice.choice(self.made["lea"]).pk
            elif fate < 0.2 and (deal := self._deal_of(about["account"].pk)) is not None:
                about["deal"] = deal.pk
            elif fate < 0.1:
                about |= {"kind": "erp_told", "author": None, "as_of": now, "event_id": uuid7()}
            entries.append(Entry.objects.create(**about))
        written = [entry for entry in entries if entry.author_id is not None]
        for _number, _name in self._each("pho"):
            photo = Photo.objects.create(entry=self.dice.choice(written), width=8, height=8, size=4)
            self._file(photo.path)
            self._file(photo.small_path)
            self.made["pho"].append(photo)
        for _number, _name in self._each("rec"):
            sound = {"seconds": 1, "size": 4, "media_type": "audio/webm"}
            self.made["rec"].append(Recording.objects.create(entry=self.dice.choice(written), **sound))
            self._file(self.made["rec"][-1].path)
        for (_number, _name), entry in zip(self._each("che"), self.dice.sample(written, len(written)), strict=False):
            self.made["che"].append(CheckIn.objects.create(entry=entry, at=now))

    def _file(self, path: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"none")

    def _paper(self) -> None:
        from django.utils import timezone

        from crm.pipeline import quotes
        from crm.pipeline.models import DepositReport, PriceApproval

        still_open = [deal for deal in self.made["dea"] if deal.status == "open"]
        for _number, note in self._each("quo"):
            self.made["quo"].append(quotes.make(self.dice.choice(still_open), by=self.people[0], note=note))
        for (_number, why), deal in zip(self._each("app"), self.dice.sample(still_open, len(still_open)), strict=False):
            figures = {"net_total": deal.net_total, "discount": Decimal("0.5"), "asked_by": self._somebody()}
            self.made["app"].append(PriceApproval.objects.create(deal=deal, why=why, **figures))
        for _number, reference in self._each("dep"):
            told = {"amount": 5, "currency": "EUR", "reported_on": timezone.localdate(), "reference": reference}
            deal, by = self.dice.choice(self.made["dea"]), self._somebody()
            self.made["dep"].append(DepositReport.objects.create(deal=deal, reported_by=by, **told))

    def _asking(self) -> None:
        """Questions for a handover, shared views of lists, and clashes of what was written offline."""
        asked, view = table("leads.Handover"), table("access.SavedView")
        for number, why in self._each("han"):
            about = {"lead": self.dice.choice(self.made["lea"])} if number % 2 else {
                "account": self.dice.choice(self.made["acc"])
            }  # fmt: skip
            by = self._somebody()
            if not asked.objects.filter(asked_by=by, **about).exists():
                self.made["han"].append(asked.objects.create(asked_by=by, why=why, **about))
        for number, name in self._each("vie"):
            shared = {"listing": "accounts", "owner": self._somebody(), "team": number % 3 > 0}
            self.made["vie"].append(view.objects.create(name=name, state="view=all", **shared))
        for number, what in self._each("cla"):
            self._clash(number, what)

    def _clash(self, number: int, about: str) -> None:
        from django.utils import timezone

        from base.ids import uuid7

        now, account = timezone.now(), self.dice.choice(self.made["acc"])
        sent = {"user": self._somebody(), "key": uuid7(), "device": uuid7(), "number": number, "kind": "account"}
        operation = table("offline.Operation").objects.create(
            **sent, told={}, digest="0" * 64, made_at=now, received_at=now, fate="clash"
        )
        self.made.setdefault("ope", []).append(operation)
        told = {"record_kind": "account", "record": account.pk, "about": about, "field": "phone"}
        clash = table("offline.Clash").objects.create(operation=operation, owner=account.owner, **told)
        self.made["cla"].append(clash)
