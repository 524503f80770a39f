"""What a rep waits for when the company has sold for twenty years: a list, the board, duplicates while typing, search.

Asked as the leader of a team, so that the rules of rows are on, through Django's own client: what a page costs the
server from the first middleware to the last byte; what a slow phone makes of pages is in `bench/_phone.py`. Each figure
is the 95th percentile; `…_growth` is how much of the figure at 10,000 accounts it is at a million (a hundred times as
many).
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bench._many_customers import COUNTRIES, INDUSTRIES, Customers, Filling
from bench._phone import felt
from deploy import prepare
from deploy.trials import Figure, own_server, say

YOUNG, OLD = 10_000, 1_000_000
YOUNG_DEALS, OLD_DEALS = 2_000, 200_000
REPS, TEAMS, TIMES, BOARDS = 100, 10, 60, 20
IMPORTED = 5_000
GROWTH_AT_MOST = 10
BARS = {"list_1m_p95_ms": 300, "kanban_200k_ms": 1000, "duplicates_1m_p95_ms": 150, "search_1m_p95_ms": 200}


def figures() -> Iterator[Figure]:
    """Young first, then the same company grown old."""
    with own_server("crm") as var:
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        prepare.side(var, "crm", say)
        leader, owners = _people()
        filling = Filling(var, owners)
        young = _asked(filling, leader, YOUNG, YOUNG_DEALS)
        imported_young = _imported(var, leader, IMPORTED)
        old = _asked(filling, leader, OLD, OLD_DEALS)
        for name, bar in BARS.items():
            yield Figure(name, value=old[name], unit="ms", at_most=bar)
        for name in BARS:
            grown = f"{name.partition('_')[0]}_growth"
            yield Figure(grown, value=old[name], reference=young[name], unit="ms", at_most=GROWTH_AT_MOST)
        lcp, inp = felt(var, _session(leader), _pages(filling))
        yield Figure("lcp_ms", value=lcp, unit="ms", at_most=2500)
        yield Figure("inp_ms", value=inp, unit="ms", at_most=200)
        imported = _imported(var, leader, 0)
        yield Figure("import_rows_s", value=imported, unit="rows/s", at_least=1000)
        yield Figure("import_growth", value=imported_young, reference=imported, unit="rows/s", at_most=GROWTH_AT_MOST)


def _people() -> tuple[Any, list[int]]:
    """A hundred reps in ten teams; the leader of one, and the numbers of all."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group

    from crm.access.models import Team, TeamMember

    group = Group.objects.get(name="rep")
    reps = [get_user_model().objects.create_user(f"rep{number}") for number in range(REPS)]
    teams = [Team.objects.create(name=f"Team {number}") for number in range(TEAMS)]
    for number, rep in enumerate(reps):
        rep.groups.add(group)
        TeamMember.objects.create(team=teams[number % TEAMS], user=rep, leads=number < TEAMS)
    return reps[0], [rep.pk for rep in reps]


def _asked(filling: Filling, leader: Any, accounts: int, deals: int) -> dict[str, float]:
    from django.test import Client

    began = time.monotonic()
    filling.grow(accounts, deals)
    told = f"{accounts:,} accounts and contacts, {accounts // 10:,} leads, {deals:,} deals"
    say(f"{told}: written in {time.monotonic() - began:.0f} s")
    client = Client()
    client.force_login(leader)
    chance, known = random.Random(11), Customers()
    some = [known.one() for _number in range(2 * TIMES)]

    def listed(number: int) -> str:
        told = {"country": chance.choice(COUNTRIES), "kind": "company", "industry": chance.choice(INDUSTRIES)}
        told |= {"registered": "false", "city": some[number]["city"][:5], "o": chance.choice(["name", "-name", "city"])}
        return f"/accounts/?{urlencode(told)}"

    def alike(number: int) -> str:
        one = some[TIMES + number]
        told = {"company": one["name"], "person": one["person"], "phone": one["phone"], "email": one["email"]}
        return f"/leads/alike/?{urlencode(told | {name: one[name] for name in ('street', 'city', 'postal_code')})}"

    def searched(number: int) -> str:
        one = some[number]
        words = (one["name"].split()[0], one["city"], one["email"], one["phone"][-7:], one["person"])
        return f"/search/hits/?{urlencode({'q': words[number % len(words)]})}"

    return {
        "list_1m_p95_ms": _p95(client, "list", listed),
        "kanban_200k_ms": _p95(client, "kanban", lambda _number: "/pipeline/?whose=all", BOARDS),
        "duplicates_1m_p95_ms": _p95(client, "duplicates", alike),
        "search_1m_p95_ms": _p95(client, "search", searched),
    }


def _session(user: Any) -> str:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return str(client.cookies["crm_sessionid"].value)


def _pages(filling: Filling) -> tuple[str, ...]:
    """Where a rep's day goes by: Today, the list, one account, the board."""
    return ("/", "/accounts/", f"/accounts/{filling.own(filling.owners[0])}/", "/pipeline/")


def _p95(client: Any, what: str, question: Callable[[int], str], times: int = TIMES) -> float:
    """Milliseconds that nineteen of twenty answers stay below."""
    taken = []
    for number in range(-3, times):  # the first few only warm up
        url = question(max(number, 0))
        began = time.perf_counter()
        answer = client.get(url)
        ms = (time.perf_counter() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{url}: {answer.status_code}")
        if number >= 0:
            taken.append((ms, url))
    slowest = sorted(taken)[-3:]
    say(f"  {what}: median {statistics.median(ms for ms, _url in taken):.0f} ms; slowest {slowest}")
    return statistics.quantiles([ms for ms, _url in taken], n=20)[-1]


def _imported(var: Path, by: Any, start: int) -> float:
    """Accounts a second, the whole run with the search for duplicates, into the company's table as it is."""
    from bench.imports import run, write

    path = var / "accounts.csv"
    write(path, IMPORTED, start)
    seconds, counts = run(path, by)
    say(f"{IMPORTED:,} accounts imported in {seconds:.1f} s: {counts}")
    return round(IMPORTED / seconds)
