"""The faces of the CRM as one person meets them: what each shows, as sets of keys by kind."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

WORD = re.compile(r"z[a-z]{3}\d{5}z")
# What carries the word of a record of each kind.
WORDS = {
    "account": "name", "contact": "name", "lead": "person", "deal": "title", "ticket": "subject", "entry": "text",
    "message": "body", "quote": "note", "approval": "why", "deposit": "reference", "return": "reason",
    "handover": "why", "view": "name", "clash": "about", "merge": "loser_name", "share": "why",
}  # fmt: skip
# Lists of the pages, with a column whose cells change in place, if there is one.
LISTS = {
    "account": ("/accounts/", "accounts", "phone"),
    "contact": ("/accounts/contacts/", "contacts", "phone"),
    "pool": ("/accounts/pool/", "pool", ""),
    "lead": ("/leads/", "leads", "phone"),
    "deal": ("/pipeline/list/", "deals", "next_step"),
    "ticket": ("/tickets/", "tickets", ""),
}
API = {
    "account": "accounts", "contact": "contacts", "pool": "pool", "merge": "merges", "share": "account-shares",
    "lead": "leads",
    "handover": "handovers", "deal": "deals", "quote": "quotes", "approval": "price-approvals", "ticket": "tickets",
    "entry": "timeline", "photo": "photos", "recording": "recordings", "operation": "offline/operations",
    "clash": "offline/clashes",
}  # fmt: skip
API_WITHOUT_DETAIL = ("operation",)
API_WITHOUT_LIST = {"line": "deal-lines"}
PAGES = {
    "account": "/accounts/{}/", "lead": "/leads/{}/", "deal": "/pipeline/{}/", "ticket": "/tickets/{}/",
    "quote": "/pipeline/quotes/{}/", "approval": "/pipeline/approvals/{}/", "photo": "/activities/photos/{}/",
    "recording": "/activities/recordings/{}/",
}  # fmt: skip
MORE_PAGES = {
    "account": (
        "/accounts/{}/facts/",
        "/accounts/{}/contacts/",
        "/accounts/{}/shares/",
        "/activities/steps/{}/",
        "/tickets/new/{}/",
    ),
    "lead": ("/api/v1/leads/{}/history/",),
    "deal": ("/pipeline/{}/prices/", "/pipeline/{}/life/", "/api/v1/deals/{}/prices/", "/api/v1/deals/{}/history/"),
    "ticket": ("/tickets/{}/live/", "/api/v1/tickets/{}/messages/", "/api/v1/tickets/{}/returns/"),
    "photo": ("/activities/photos/{}/small/", "/api/v1/photos/{}/file/"),
    "recording": ("/api/v1/recordings/{}/file/",),
    "contact": ("/api/v1/contacts/{}/history/",),
}
HISTORIES = ("account", "contact", "lead", "deal", "line", "ticket", "entry", "photo", "handover", "return", "share")
# Pages that show some of what is near, and must show nothing else.
NEAR = (
    "/", "/log/?kind=call&whom=other", "/tickets/new/", "/pipeline/new/", "/pipeline/approvals/", "/pipeline/figures/",
    "/search/?q=zacc0000", "/search/hits/?q=zlea0000", "/offline/", "/leads/alike/?person=zlea00001z",
    "/log/?kind=visit&whom=other&q=zacc", "/tickets/new/?q=zacc", "/pipeline/new/?q=zacc", "/accounts/?view=all&q=zcon",
)  # fmt: skip


class Faces:
    """One person's browser, which is also their API client."""

    def __init__(self, user: Any) -> None:
        from django.test import Client

        self.client = Client(raise_request_exception=False)
        self.client.force_login(user)
        self.told: list[tuple[str, str]] = []
        """Every address that was read, with the words of records that the answer holds."""

    def get(self, address: str) -> tuple[int, str]:
        """Status and text; what it tells is kept."""
        answer = self.client.get(address)
        body = b"".join(answer) if answer.streaming else answer.content
        text = body.decode("utf-8", "replace")
        # What was asked for is repeated by forms and links, and tells nothing.
        told = text.replace(address.rpartition("=")[2], "") if "=z" in address else text
        self.told += [(address, word) for word in set(WORD.findall(told))]
        return answer.status_code, text

    def json(self, address: str) -> Any:
        """A JSON answer; nothing where there is none."""
        status, text = self.get(address)
        return json.loads(text) if status == 200 else None

    # -- lists ---------------------------------------------------------------------------------------------------------

    def listed(self, kind: str, asked: str = "view=all") -> tuple[set[str], set[str]]:
        """Keys of all rows on all pages of a list, and of those with a cell that may be changed."""
        place, _name, column = LISTS[kind]
        rows: set[str] = set()
        cells: set[str] = set()
        after = ""
        while True:
            columns = f"&columns={column}" if column else ""
            status, text = self.get(f"{place}?{asked}{columns}{after}")
            if status != 200:
                return rows, cells
            for part in text.split("<tr data-pk=")[1:]:
                key = part[1 : part.index('"', 1)]
                rows.add(key)
                if f'data-edit="{column}"' in part.split("</tr>")[0]:
                    cells.add(key)
            found = re.search(r"[?&;]after=([^\"&]+)", text)
            if found is None:
                return rows, cells
            after = f"&after={found[1]}"

    def exported(self, kind: str) -> set[str]:
        """Words of the rows of a list's file: those of its own kind, one in each row."""
        status, text = self.get(f"/lists/{LISTS[kind][1]}/export/csv/?view=all")
        if status != 200:
            return set()
        mark = {"account": "zacc", "contact": "zcon", "pool": "zacc", "lead": "zlea", "deal": "zdea", "ticket": "ztic"}
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))[1:]
        return {word for row in rows for word in WORD.findall(" ".join(row)) if word.startswith(mark[kind])}

    # -- API -----------------------------------------------------------------------------------------------------------

    def served(self, kind: str) -> set[str]:
        """Keys of all that the API's list gives."""
        found: set[str] = set()
        address: str | None = f"/api/v1/{API[kind]}/?page_size=500"
        while address:
            page = self.json(address)
            if page is None:
                return found
            found.update(str(row["id" if kind != "operation" else "key"]) for row in page["results"])
            address = page["next"]
        return found

    def searched(self, text: str) -> dict[str, set[str]]:
        """What the search finds, by its providers."""
        found = self.json(f"/api/v1/search/?q={text}") or []
        return {group["key"]: {hit["id"] for hit in group["hits"]} for group in found}

    def packed(self) -> dict[str, set[str]]:
        """What the phone takes along."""
        pack = self.json("/api/v1/offline/pack/") or {}
        names = ("accounts", "contacts", "deals", "tickets", "leads")
        return {name.removesuffix("s"): {row["id"] for row in pack.get(name, [])} for name in names}

    def alike(self, asked: str) -> list[dict[str, Any]]:
        """What looks like what is typed."""
        found: list[dict[str, Any]] = self.json(f"/api/v1/leads/alike/?{asked}") or []
        return found

    def board(self) -> set[str]:
        """Words of the deals on the board's cards."""
        _status, text = self.get("/pipeline/?whose=all")
        return {word for word in WORD.findall(text) if word.startswith("zdea")}

    def drills(self) -> Iterator[tuple[str, str, set[str]]]:
        """Of the outcomes by owner: whose and which state each figure is of, and the deals it leads to."""
        from html import unescape
        from urllib.parse import parse_qs, urlsplit

        _status, text = self.get("/pipeline/outcomes/?by=owner")
        for address in sorted(set(re.findall(r'href="(/pipeline/list/\?[^"]+)"', text))):
            asked = parse_qs(urlsplit(unescape(address)).query)
            if "whose" in asked and "status" in asked:
                rows, _cells = self.listed("deal", unescape(address).partition("?")[2])
                yield asked["whose"][0], asked["status"][0], rows

    # -- writing -------------------------------------------------------------------------------------------------------

    def tries(self, method: str, address: str, fields: dict[str, Any] | None = None) -> int:
        """The status of a change, which is taken back."""
        from django.db import transaction

        with transaction.atomic():
            answer = getattr(self.client, method)(address, json.dumps(fields or {}), content_type="application/json")
            transaction.set_rollback(True)
        return int(answer.status_code)
