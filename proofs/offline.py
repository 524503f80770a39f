"""Two phones of one person, without and with a connection, at random: nothing is lost, doubled or overwritten unseen.

Each sequence is a life of two devices in a real browser, on the product's own queue and against a real deployment:
forms are filled in, clocks are wrong by years and jump, requests and answers get lost, the program is killed in the
middle of a flush (every `REAL_KILL`-th time the browser's process itself), both send at once. When all have sent what
waits, the database is asked:

* what a device said was saved is on the server, once; what was refused did nothing, and the device says why;
* each edited field was written over the very value that its maker saw, or is a clash that keeps both values, on the
  server and on the device;
* each move of a deal started from the stage its maker saw, or was refused.

Besides, each form of the phone is typed into and the browser killed: what was typed 300 ms before is there again.
"""

import contextlib
import json
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psycopg
from playwright.sync_api import Browser, BrowserContext, Page

from deploy.browser import browsing, sign_in
from deploy.demo.deployment import Deployment
from deploy.trials import Cases, own_deployment, say

SEQUENCES = int(os.environ.get("SEQUENCES", "2000"))
TYPED = int(os.environ.get("TYPED", "2"))  # kills for each form
SEED = int(os.environ.get("SEED", "0")) or int(time.time())
STEPS, AT_ONCE, REAL_KILL = 14, 4, 25
DRIVER = Path(__file__).with_name("_offline.js").read_text(encoding="utf-8")
MAIN = ("next_step", "name", "person", "title")
KEPT_AFTER_S = 0.3
SENTENCE = "Wants the new price list and two boxes of chai next week, and asked whether "
FORMS = ("visit", "call", "meeting", "note", "task", "photo", "lead", "contact", "ticket_note", "edit_account",
         "edit_contact", "edit_lead", "edit_deal")  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """One customer with a deal and a ticket, for one sequence at a time."""

    account: str
    deal: str
    ticket: str


def check(cases: Cases) -> None:
    """All sequences, then all forms."""
    say(f"SEED={SEED}")
    with own_deployment() as deployment, browsing() as browser:
        side = json.loads(deployment.file.read_text())["sides"]["crm"]
        context = browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
        page = context.new_page()
        sign_in(page, side, "rep")
        user = int(page.evaluate("document.documentElement.dataset.user"))
        token = deployment.user("crm", "rep")["token"]
        grounds = [_ground(deployment.api_url("crm"), token, place) for place in range(AT_ONCE)]
        page = _ready(context, side["url"])
        _sequences(cases, deployment, context, page, side["url"], user, grounds)
        _typing(cases, browser, context, side["url"])


def _ground(api: str, token: str, place: int) -> Ground:
    client = httpx.Client(base_url=api, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def made(path: str, body: dict[str, Any]) -> str:
        answer = client.post(path, json=body)
        answer.raise_for_status()
        return str(answer.json()["id"])

    account = made("accounts/", {"name": f"Customer {place}"})
    made("contacts/", {"account": account, "name": "Maria Anders"})
    made("leads/", {"person": f"Lead {place}"})
    return Ground(account, made("deals/", {"account": account}), made("tickets/", {"account": account, "subject": "?"}))


def _ready(context: BrowserContext, url: str) -> Page:
    """A page with the product's scripts on which nothing else sends."""
    page = context.new_page()
    page.goto(f"{url}/offline/app/")
    page.evaluate("offline.ready")
    return page


def _sequences(
    cases: Cases,
    deployment: Deployment,
    context: BrowserContext,
    page: Page,
    url: str,
    user: int,
    grounds: list[Ground],
) -> None:
    dice = random.Random(SEED)
    with psycopg.connect(deployment.database_url("crm"), autocommit=True) as database:
        stages = [str(pk) for (pk,) in database.execute("SELECT id FROM pipeline_stage ORDER BY position LIMIT 4")]
        for first in range(0, SEQUENCES, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, SEQUENCES))
            plans = [
                {
                    "seed": dice.randrange(2**31), "name": f"s{number}.", "user": user, "steps": STEPS,
                    "stages": stages, "since": _history(database), **grounds[number - first].__dict__,
                }
                for number in numbers
            ]  # fmt: skip
            if (first // AT_ONCE) % (REAL_KILL // AT_ONCE) == 1:
                page, told = _killed(context, page, url, plans, dice)
            else:
                run = f"plans => {{ const d = {DRIVER}; return Promise.all(plans.map((plan) => d.live(plan))); }}"
                told = page.evaluate(run, plans)
            page.evaluate(f"plans => {DRIVER}.forget(plans)", plans)
            for plan, devices in zip(plans, told, strict=True):
                wrong = list(_wrong(database, plan, devices))
                cases.that(not wrong, f"sequence {plan['name']} SEED={SEED}: {' | '.join(wrong[:5])}")
            if first % 100 < AT_ONCE:
                say(f"{first} of {SEQUENCES} sequences, {cases.failed} failed")


def _history(database: Any) -> int:
    """The last change of a deal so far: a ground had other sequences before."""
    return int(database.execute("SELECT coalesce(max(history_id), 0) FROM pipeline_historicaldeal").fetchone()[0])


def _killed(
    context: BrowserContext, page: Page, url: str, plans: list[dict[str, Any]], dice: random.Random
) -> tuple[Page, list[list[dict[str, Any]]]]:
    """The renderer's process dies in the middle; a new page finds what had been said to be saved."""
    acknowledged: list[str] = []
    page.expose_function("acknowledge", lambda key: acknowledged.append(key))
    page.evaluate(f"plans => {{ const driver = {DRIVER}; plans.forEach((plan) => driver.live(plan)); }}", plans)
    page.wait_for_timeout(dice.uniform(50, 1200))
    _crash(page)
    fresh = _ready(context, url)
    resume = f"plans => {{ const driver = {DRIVER}; return Promise.all(plans.map((plan) => driver.resume(plan))); }}"
    told: list[list[dict[str, Any]]] = fresh.evaluate(resume, plans)
    made = {one["key"] for devices in told for device in devices for one in device["made"]}
    if missing := set(acknowledged) - made:
        told[0][0]["lost"] = sorted(missing)
    return fresh, told


def _crash(page: Page) -> None:
    """SIGKILL to this browser's renderers: no handler of any page runs any more."""
    browser = page.context.browser
    assert browser is not None
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    for process in found:
        if process["type"] == "renderer":
            with contextlib.suppress(ProcessLookupError):
                os.kill(process["id"], signal.SIGKILL)
    page.close()


def _wrong(database: Any, plan: dict[str, Any], devices: list[dict[str, Any]]) -> Any:
    """Whatever is not as it must be after this sequence."""
    made = {one["key"]: one for device in devices for one in device["made"]}
    for device in devices:
        if lost := device.get("lost") or sorted(set(device["acknowledged"]) - made.keys()):
            yield f"lost on the device: {lost}"
        counts = device["counts"]
        if not device["clean"] or counts["waiting"] or counts["made"] != counts["server"] + counts["refused"]:
            yield f"the ledger does not add up: {counts}"
    rows = database.execute(
        "SELECT key::text, kind, fate, answer FROM offline_operation WHERE key = ANY(%s::uuid[])", [list(made)]
    ).fetchall()
    server = {key: (fate, answer) for key, _kind, fate, answer in rows}
    if missing := made.keys() - server.keys():
        yield f"never reached the server: {sorted(missing)}"
    for key, one in made.items():
        fate, answer = server.get(key, ("", {}))
        if fate != one["state"] or answer != one["answer"]:
            yield f"device and server differ about {key}: {one['state']} and {fate}"
        if fate == "refused" and not one["answer"]["message"]:
            yield f"{key} was refused without a word"
        if one["kind"] in WORDS:
            seen = _times(database, one)
            if seen != (fate == "applied"):
                yield f"{one['kind']} {key}, {fate}, is there {seen} times"
    yield from _edits(database, plan, made, server)
    yield from _moves(database, plan, made, server)


WORDS = {
    "note": ("text", "SELECT count(*) FROM activities_entry WHERE text = %s"),
    "visit": ("text", "SELECT count(*) FROM activities_entry WHERE text = %s"),
    "task": ("next_step", "SELECT count(*) FROM activities_entry WHERE next_step = %s"),
    "lead": ("person", "SELECT count(*) FROM leads_lead WHERE person = %s"),
    "ticket_note": ("body", "SELECT count(*) FROM tickets_ticketmessage WHERE body = %s"),
}


def _times(database: Any, one: dict[str, Any]) -> int:
    field, statement = WORDS[one["kind"]]
    return int(database.execute(statement, [one["fields"][field]]).fetchone()[0])


EDITED = {
    "edit_account": ("account", ("phone", "city"), "accounts_historicalaccount"),
    "edit_deal": ("deal", ("title",), "pipeline_historicaldeal"),
}


def _edits(database: Any, plan: dict[str, Any], made: dict[str, Any], server: dict[str, Any]) -> Any:
    """Every field was written over what its maker saw, or both values are kept and shown."""
    clashes = {
        (key, field): (mine, theirs)
        for key, field, mine, theirs in database.execute(
            "SELECT o.key::text, c.field, c.mine, c.theirs FROM offline_clash c "
            "JOIN offline_operation o ON o.id = c.operation_id WHERE o.key = ANY(%s::uuid[])",
            [list(made)],
        )
    }
    for kind, (name, fields, table) in EDITED.items():
        columns = ", ".join(fields)
        told = database.execute(
            f"SELECT {columns} FROM {table} WHERE id = %s ORDER BY history_id", [plan[name]]
        ).fetchall()
        for place, field in enumerate(fields):
            values = [row[place] for row in told]
            steps = [(before, after) for before, after in pairwise(values) if before != after]
            for key, one in made.items():
                if one["kind"] != kind or field not in one["fields"] or server.get(key, ("",))[0] == "refused":
                    continue
                value, base = one["fields"][field], one["base"][field]
                written = [before for before, after in steps if after == value]
                shown = [clash for clash in one["answer"]["clashes"] if clash["field"] == field]
                if (key, field) in clashes:
                    mine, theirs = clashes[key, field]
                    if written or mine != value or theirs not in values or len(shown) != 1:
                        yield f"a clash of {field} in {key} is not kept and shown: {written} {mine} {theirs} {shown}"
                elif written != [base] or shown:
                    yield f"{field} of {key} was written {len(written)} times, over {written}, seen was {base!r}"


def _moves(database: Any, plan: dict[str, Any], made: dict[str, Any], server: dict[str, Any]) -> Any:
    """Each move that happened is one operation's, from the stage its maker saw; the others were so already."""
    told = database.execute(
        "SELECT history_id, stage_id::text FROM pipeline_historicaldeal WHERE id = %s ORDER BY history_id",
        [plan["deal"]],
    ).fetchall()
    happened = Counter(
        (before, after) for (_id, before), (later, after) in pairwise(told) if before != after and later > plan["since"]
    )
    wanted = Counter(
        (one["base"]["stage"], one["fields"]["stage"])
        for key, one in made.items()
        if one["kind"] == "stage" and server.get(key, ("",))[0] == "applied"
    )
    if more := happened - wanted:
        yield f"moves of the deal that nobody made, or made once: {dict(more)}"
    reached = {after for _before, after in happened} | {stage for number, stage in told if number <= plan["since"]}
    if lost := [move for move in wanted - happened if move[1] not in reached]:
        yield f"moves that were said to be done and did not happen: {lost}"


# -- what is typed -----------------------------------------------------------------------------------------------------


def _typing(cases: Cases, browser: Browser, context: BrowserContext, url: str) -> None:
    """Type into the form, kill, open it again; characters are counted by when they were typed."""
    dice = random.Random(SEED)
    for kind in FORMS:
        for _time in range(TYPED):
            page = _ready(context, url)
            page.wait_for_function("offline.queue.pack().then(Boolean)")
            field = _opened(page, kind)
            field.fill("")
            typed: list[float] = []
            kill_at = time.monotonic() + dice.uniform(0.4, 2.5)
            for character in SENTENCE:
                if time.monotonic() >= kill_at:
                    break
                field.press_sequentially(character)
                typed.append(time.monotonic())
                page.wait_for_timeout(dice.uniform(5, 60))
            due = sum(1 for moment in typed if moment <= time.monotonic() - KEPT_AFTER_S)
            _crash(page)
            page = _ready(context, url)
            there = _opened(page, kind).input_value()
            cases.that(
                there == SENTENCE[: len(there)] and len(there) >= due, f"{kind}: {due} characters were due, {there!r}"
            )
            page.evaluate("id => drafts.forget(document.querySelector('#sheet form'))", kind)
            page.close()


def _opened(page: Page, kind: str) -> Any:
    """The form's main text field."""
    page.evaluate("kind => document.querySelector(`[data-form=${kind}]`).click()", kind)
    form = page.locator(f"#sheet form[data-kind={kind}]")
    form.wait_for()
    page.wait_for_timeout(100)
    return form.locator(
        "textarea, input[name=next_step], input[name=name], input[name=person], input[name=title]"
    ).first
