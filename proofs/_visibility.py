"""Walks one company of chance: what each face of the CRM shows each person, held against the slow oracle.

It is built in a transaction that is never kept, so that many walk in one database at the same time.
"""

import json
import logging
import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from deploy.trials import Cases
from proofs import _visibility_faces as faces
from proofs._visibility_facts import MODELS, model_of, read, unknown_doors
from proofs._visibility_oracle import Oracle, Person

ROLES = ("rep", "agent", "manager", "admin")
SHOWN = (200, 204)
NOT_SHOWN = (302, 404, 409)  # led on to the pool, not there, or told who has claimed it meanwhile
CHANGES = {
    "account": {"industry": "Tea"}, "contact": {"title": "Buyer"}, "lead": {"interest": "Tea"},
    "deal": {"next_step": "Call"}, "line": {"quantity": "2"}, "ticket": {"priority": "high"},
}  # fmt: skip


@dataclass
class Walk:
    """One person of one organisation, before all faces."""

    cases: Cases
    seed: int
    oracle: Oracle
    words: dict[str, tuple[str, str]]
    user: Person
    dice: random.Random
    each: int
    access: dict[str, Any]
    """What opens each account, as the product tells it."""

    # -- comparing -----------------------------------------------------------------------------------------------------

    def same(self, channel: str, kind: str, told: Iterable[str], wanted: Iterable[str], of: Iterable[str] = ()) -> None:
        """Record by record: is it shown where the oracle says so, and nowhere else?"""
        shown, wanted = set(told), set(wanted)
        self.cases.count += len({*shown, *wanted, *of})
        for key in sorted(shown ^ wanted):
            self.cases.fail(self.said(channel, kind, key, "shows it" if key in shown else "does not show it"))

    def that(self, holds: object, channel: str, kind: str, key: str, does: str) -> None:
        """One record in one channel."""
        self.cases.that(holds, "" if holds else self.said(channel, kind, key, does))

    def said(self, channel: str, kind: str, key: str, does: str) -> str:
        """A failure in words."""
        row = self.oracle.facts.rows[kind].get(key, {})
        name = row.get(faces.WORDS.get(kind, ""), "")
        why = self.oracle.why(self.user, kind, key) if row else ""
        told = f"seen ({why})" if why else "not seen"
        changed = ", may be changed" if row and self.oracle.may_change(self.user, kind, key) else ""
        who = f"organisation {self.seed}, {self.user}, {channel}"
        return f"{who}: {kind} {name} {key}: the oracle says {told}{changed}, the product {does}"

    def seen(self, kind: str) -> set[str]:
        return self.oracle.seen(self.user, kind)

    @property
    def known(self) -> bool:
        """Have they a role here at all?"""
        return self.user.has(*ROLES)

    def some(self, kind: str) -> list[str]:
        """A few keys that they see and a few that they do not."""
        seen = self.seen(kind)
        found = []
        for group in (sorted(seen), sorted(set(self.oracle.facts.rows[kind]) - seen)):
            found += self.dice.sample(group, min(len(group), self.each))
        return found

    # -- the choke point itself ----------------------------------------------------------------------------------------

    def door(self) -> None:
        """`visible_to` of every kind, and `writable_by` as a query and for one row."""
        from django.contrib.auth import get_user_model

        user = get_user_model().objects.get(pk=self.user.pk)
        for kind in MODELS:
            rows = model_of(kind).objects.visible_to(user)
            keys = {str(key) for key in rows.values_list("pk", flat=True)}
            self.same("visible_to", kind, keys, self.seen(kind), self.oracle.facts.rows[kind])
            if kind in ("account", "deal", "lead"):
                changed = self.oracle.changed(self.user, kind)
                keys = {str(key) for key in rows.writable_by(user).values_list("pk", flat=True)}
                self.same("writable_by", kind, keys, changed, self.seen(kind))
                keys = {str(row.pk) for row in rows if row.writable_by(user)}
                self.same("writable_by of a row", kind, keys, changed, self.seen(kind))
            if kind == "account":
                decided = {key for key in self.seen(kind) if self.oracle.may_decide(self.user, key)}
                keys = {str(key) for key in rows.held_by(user).values_list("pk", flat=True)}
                self.same("held_by", kind, keys, decided, self.seen(kind))
                keys = {str(row.pk) for row in rows if row.held_by(user)}
                self.same("held_by of a row", kind, keys, decided, self.seen(kind))
                self._whys(user)

    def _whys(self, user: Any) -> None:
        """There is a reason for what they see and for what they change, and for nothing else."""
        whys = {key: access.why(user) for key, access in self.access.items()}
        everything = self.oracle.facts.rows["account"]
        self.same("why", "account", [key for key, why in whys.items() if why.see], self.seen("account"), everything)
        changed = self.oracle.changed(self.user, "account")
        self.same("why change", "account", [key for key, why in whys.items() if why.change], changed, everything)

    # -- the faces -----------------------------------------------------------------------------------------------------

    def meet(self) -> None:
        """All that they can ask for, then what was told in passing."""
        from django.contrib.auth import get_user_model

        face = faces.Faces(get_user_model().objects.get(pk=self.user.pk))
        for part in (self._lists, self._details, self._search, self._reports, self._pack, self._alike, self._writes):
            part(face)
        for address in faces.NEAR:
            status, _text = face.get(address)
            self.cases.that(status < 500, f"organisation {self.seed}, {self.user}, GET {address}: {status}")
        self._told(face)

    def _lists(self, face: faces.Faces) -> None:
        rows = self.oracle.facts.rows
        for kind in faces.LISTS:
            shown, cells = face.listed(kind)
            self.same("the list's page", kind, shown, self.seen(kind), rows[kind])
            if faces.LISTS[kind][2]:
                changed = self.oracle.changed(self.user, kind)
                if kind == "deal":
                    changed = {key for key in changed if rows[kind][key]["status"] == "open"}
                self.same("a cell that changes in place", kind, cells, changed, self.seen(kind))
            wanted = {rows[kind][key][faces.WORDS["account" if kind == "pool" else kind]] for key in self.seen(kind)}
            self.same("the list as a file", kind, self._keys(kind, face.exported(kind)), self._keys(kind, wanted))
        for kind in faces.API:
            wanted = self.seen(kind)
            if kind == "operation":
                wanted = {str(rows[kind][key]["key"]) for key in wanted}
            self.same("the API's list", kind, face.served(kind), wanted, rows[kind])

    def _keys(self, kind: str, words: Iterable[str]) -> set[str]:
        found = {self.words.get(word, ("", word))[1] for word in words}
        return found if kind != "pool" else {key for key in found if key in self.oracle.facts.rows["pool"]}

    def _details(self, face: faces.Faces) -> None:
        for kind, pattern in faces.PAGES.items():
            for key in self.some(kind):
                self._shown(face, "its page", kind, key, pattern.format(key))
        for key in self.some("contact"):
            self._form(face, key)
        for kind in [*faces.API, *faces.API_WITHOUT_LIST]:
            name = faces.API.get(kind) or faces.API_WITHOUT_LIST[kind]
            if kind not in faces.API_WITHOUT_DETAIL:
                for key in self.some(kind):
                    self._shown(face, "the API", kind, key, f"/api/v1/{name}/{key}/")
        for kind, patterns in faces.MORE_PAGES.items():
            for key, pattern in zip(self.some(kind), patterns * self.each * 2, strict=False):
                self._shown(face, pattern, kind, key, pattern.format(key))
        for kind in faces.HISTORIES:
            for key in self.some(kind)[:: self.each]:
                self._shown(face, "its history", kind, key, f"/history/{MODELS[kind].lower()}/{key}/")

    def _shown(self, face: faces.Faces, channel: str, kind: str, key: str, address: str) -> None:
        """200 for what they see, and something else that tells nothing for the rest."""
        status, _text = face.get(address)
        seen = bool(self.oracle.why(self.user, kind, key))
        fits = status in SHOWN if seen else status in (NOT_SHOWN if self.known else (*NOT_SHOWN, 401, 403))
        if seen and kind == "line" and status == 405:
            return
        self.that(fits, f"{channel} (GET {address})", kind, key, f"answers {status}")

    def _form(self, face: faces.Faces, key: str) -> None:
        """A contact has no page but the form that changes it."""
        status, _text = face.get(f"/accounts/contacts/{key}/")
        self.that(self._allows("contact", key, status, 200), "its form", "contact", key, f"answers {status}")

    def _allows(self, kind: str, key: str, status: int, done: int) -> bool:
        if self.oracle.may_change(self.user, kind, key):
            return status == done
        if self.oracle.why(self.user, kind, key):
            return status == 403
        return status == 404 or (not self.known and status in (302, 401, 403))

    def _search(self, face: faces.Faces) -> None:
        """By the first digits of ten records' words, so that no answer is cut; companies bring their deals along."""
        groups = {"account": "accounts", "contact": "contacts", "lead": "leads", "deal": "deals", "ticket": "tickets"}
        for kind, group in groups.items():
            words = sorted({word[:-2] for word, (of, _key) in self.words.items() if of == kind})
            for start in self.dice.sample(words, min(len(words), max(1, self.each // 2))):
                fits = {key for word, (of, key) in self.words.items() if of == kind and word.startswith(start)}
                found = face.searched(start)
                self.same("search", kind, found.get(group, set()), fits & self.seen(kind), fits)
                for other, name in groups.items():
                    beyond = found.get(name, set()) - self.seen(other)
                    self.same("search", other, beyond, (), found.get(name, set()))

    def _pack(self, face: faces.Faces) -> None:
        rows, packed = self.oracle.facts.rows, face.packed()
        open_ones: dict[str, Any] = {
            "deal": lambda row: row["status"] == "open",
            "ticket": lambda row: row["state"] != "solved",
            "lead": lambda row: row["state"] not in ("lost", "converted"),
        }
        for kind, keys in packed.items():
            holds = open_ones.get(kind, lambda row: True)
            wanted = {key for key in self.seen(kind) if holds(rows[kind][key])}
            self.same("the offline pack", kind, keys, wanted, rows[kind])

    def _reports(self, face: faces.Faces) -> None:
        """The board, the figures, the outcomes and where their figures lead."""
        deals = {key: self.oracle.facts.rows["deal"][key] for key in self.seen("deal")}
        still_open = {key for key, row in deals.items() if row["status"] == "open"}
        self.same("the board", "deal", self._keys("deal", face.board()), still_open)
        told = face.json("/api/v1/deal-figures/")
        if told is not None or self.known:
            stages: dict[str, list[Any]] = {}
            for key in still_open:
                stages.setdefault(str(deals[key]["stage_id"]), []).append(deals[key]["net_total"])
            for one in (told or {}).get("open", []):
                nets = stages.get(one["stage"], [])
                fits = one["deals"] == len(nets) and float(one["net"]) == float(sum(nets))
                who = f"organisation {self.seed}, {self.user}, figures"
                self.cases.that(fits, f"{who}: {one} where the oracle counts {len(nets)}, net {sum(nets)}")
        for whose, status, shown in list(face.drills())[: self.each * 2]:
            owner = next((one.pk for one in self.oracle.facts.people.values() if one.name == whose), None)
            fits = {key for key, row in deals.items() if row["status"] == status and row["owner_id"] == owner}
            self.same(f"the drill into {status} of {whose}", "deal", shown, fits)
        self._outcomes(face.json("/api/v1/deals/outcomes/") or [], deals)

    def _outcomes(self, told: list[dict[str, Any]], deals: dict[str, Any]) -> None:
        """How many deals of each owner in each state."""
        counted: dict[tuple[str, str], int] = {}
        for row in deals.values():
            person = self.oracle.facts.people.get(row["owner_id"])
            for name in ((person.name if person else ""), "*"):
                counted[name, row["status"]] = counted.get((name, row["status"]), 0) + 1
        for place, row in enumerate(told):
            name = "*" if place == len(told) - 1 else row["key"]
            for status, cell in row["cells"].items():
                fits = cell["count"] == counted.pop((name, status), 0)
                who = f"organisation {self.seed}, {self.user}, outcomes"
                self.cases.that(fits, f"{who}: {status} of {name} are {cell['count']}, the oracle counts others")
        left = {name: count for name, count in counted.items() if count} if self.known else {}
        self.cases.that(not left, f"organisation {self.seed}, {self.user}, outcomes: {left} are missing")

    def _alike(self, face: faces.Faces) -> None:
        """What is another's is masked; what lies in the pool is nobody's secret."""
        rows = self.oracle.facts.rows
        for key in self.some("account"):
            free = bool(self.oracle.why(self.user, "pool", key)) if key in rows["pool"] else False
            for match in face.alike(f"phone=%2B{rows['account'][key]['phone'].lstrip('+')}"):
                if match["kind"] == "account" and match["id"] == key:
                    fits = match["seen"] == (bool(self.oracle.why(self.user, "account", key)) or free)
                    self.that(fits, "the check for duplicates", "account", key, f"says seen: {match['seen']}")
        for key in self.some("lead"):
            for match in face.alike(f"email={rows['lead'][key]['email']}"):
                if match["kind"] == "lead" and match["id"] == key:
                    fits = match["seen"] == bool(self.oracle.why(self.user, "lead", key))
                    self.that(fits, "the check for duplicates", "lead", key, f"says seen: {match['seen']}")

    def _writes(self, face: faces.Faces) -> None:
        """PATCH of each kind, and DELETE where there is one: done, refused, or not there."""
        for kind, fields in CHANGES.items():
            name = faces.API.get(kind) or faces.API_WITHOUT_LIST[kind]
            for key in self.some(kind):
                if kind == "line" and not self._line_is_open(key):
                    continue
                status = face.tries("patch", f"/api/v1/{name}/{key}/", self._fields(kind, key, fields))
                self.that(self._allows(kind, key, status, 200), "PATCH", kind, key, f"answers {status}")
        for kind in ("contact", "line"):
            name = faces.API.get(kind) or faces.API_WITHOUT_LIST[kind]
            for key in self.some(kind):
                if kind == "line" and not self._line_is_open(key):
                    continue
                status = face.tries("delete", f"/api/v1/{name}/{key}/")
                self.that(self._allows(kind, key, status, 204), "DELETE", kind, key, f"answers {status}")

    def _fields(self, kind: str, key: str, fields: dict[str, Any]) -> dict[str, Any]:
        """A closed deal takes no change but tells as much only to who may change it."""
        return {} if kind == "deal" and self.oracle.facts.rows["deal"][key]["status"] != "open" else fields

    def _line_is_open(self, key: str) -> bool:
        rows = self.oracle.facts.rows
        return bool(rows["deal"][str(rows["line"][key]["deal_id"])]["status"] == "open")

    def _told(self, face: faces.Faces) -> None:
        """No answer told a word of a record that they may not see."""
        for address, word in face.told:
            if word in self.words:
                kind, key = self.words[word]
                fits = bool(self.oracle.why(self.user, kind, key))
                if not fits and kind == "account":
                    fits = self.oracle.knows_name(self.user, key, address == f"/accounts/{key}/")
                self.that(fits, f"GET {address}", kind, key, f"tells “{word}”")


def walk(cases: Cases, seed: int, size: int, people: int, each: int = 1) -> None:
    """One organisation of `size`; the choke point for all of them, the faces for `people` of every role."""
    from django.conf import settings
    from django.db import transaction
    from django.test import override_settings

    from crm.accounts.seeing import access_to
    from proofs._visibility_house import House

    for label in unknown_doors():
        cases.that(False, f"nobody told the oracle who sees {label}")
    unlimited = {name: 10**9 for name in dir(settings) if name.startswith("API_RATE")}
    with override_settings(**unlimited), transaction.atomic():
        House(seed, size).build()
        oracle = Oracle(read(seed))
        words = {
            str(row[field]): (kind, key)
            for kind, field in reversed(faces.WORDS.items())
            for key, row in oracle.facts.rows[kind].items()
        }
        dice = random.Random(seed)
        access = {str(one.pk): access_to(one) for one in model_of("account").objects.select_related("owner")}
        users = oracle.facts.people.values()
        everyone = [Walk(cases, seed, oracle, words, user, dice, each, access) for user in users]
        everybody_who(cases, everyone)
        for one in everyone:
            one.door()
        for one in _of_every_kind(everyone, people):
            one.meet()
        transaction.set_rollback(True)


def everybody_who(cases: Cases, everyone: list[Walk]) -> None:
    """Who is listed as seeing an account is whoever sees it, of those who are still here."""
    for key, access in everyone[0].access.items():
        listed = {why.person.pk for why in access.everybody()}
        for one in everyone:
            fits = (one.user.pk in listed) == bool(one.oracle.why(one.user, "account", key))
            one.that(
                fits, "who can see it", "account", key, "lists them" if one.user.pk in listed else "leaves them out"
            )


def _of_every_kind(everyone: list[Walk], wanted: int) -> list[Walk]:
    """Those with the rarest standing first: by roles, being here, leading and having a team; reps fill the rest."""
    groups: dict[Any, list[Walk]] = {}
    for one in everyone:
        people, teams = one.oracle.people_of(one.user), one.oracle.teams_of({one.user.pk})
        standing = (sorted(one.user.roles), one.user.chief, one.user.active, len(people) > 1, bool(teams))
        groups.setdefault(str(standing), []).append(one)
    first = [group[0] for group in sorted(groups.values(), key=len, reverse=True)]
    reps = [one for one in everyone if one.user.has("rep") and one not in first]
    return [*first, *reps][:wanted]


class Told(Cases):
    """A tally that keeps the words, for whoever started this process."""

    words: tuple[str, ...] = ()

    def fail(self, what: str) -> None:
        self.words = (*self.words, what)
        self.failed += 1


def tell(seed: int, size: int, people: int) -> None:
    """Run inside `./manage.py crm shell`: the tally as the last line."""
    logging.disable(logging.INFO)  # who reads failures does not want every request
    cases = Told()
    walk(cases, seed, size, people)
    sys.stdout.write(json.dumps({"cases": cases.count, "failed": list(cases.words)}) + "\n")
