"""A list of 50 rows, signed in, against the smallest Django view that shows the same rows.

Ours is the CRM's list of accounts as its people see it: shell, navigation, search, filters, columns, totals, rights.
The reference is `bench/_plain.py` under the same gunicorn, with as many processes and threads, on the same database and
with the same session. Both are asked in turns of seconds over kept connections.
"""

import http.client
import re
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from bench._served import served
from deploy.demo.actors import Rep
from deploy.demo.deployment import Deployment
from deploy.demo.northwind import customers
from deploy.trials import Figure, own_deployment, say

ROWS, ROUNDS, TURN_S, HANDS = 60, 6, 3.0, 4
PATH = "/accounts/"


def figures() -> Iterator[Figure]:
    """Requests per second of both."""
    with own_deployment() as deployment:
        rep = Rep(deployment)
        for company in customers()[:ROWS]:
            rep.meet(company)
        cookie = _signed_in(deployment)
        with served(deployment.var, "crm", "bench._plain:application") as plain:
            places = {"ours": deployment.url("crm"), "plain": plain}
            done = dict.fromkeys(places, 0)
            for number in range(ROUNDS + 1):
                for name, url in places.items():
                    count = _turn(url, cookie, TURN_S if number else 1.0)
                    done[name] += count if number else 0  # the first round only warms up
        ours, reference = (done[name] / (ROUNDS * TURN_S) for name in ("ours", "plain"))
        say(f"{ours:.0f} pages/s, the smallest view {reference:.0f}")
        yield Figure("list_ratio", value=ours, reference=reference, unit="pages/s", at_least=0.5)


def _signed_in(deployment: Deployment) -> str:
    """The cookie of a rep's session."""
    user, url = deployment.user("crm", "rep"), deployment.url("crm")
    with httpx.Client(base_url=url, trust_env=False, timeout=60, follow_redirects=True) as browser:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/login/").text)
        assert found is not None
        form = {"csrfmiddlewaretoken": found[1], "login": user["username"], "username": user["username"]}
        browser.post("/login/", data={**form, "password": user["password"]}, headers={"Referer": url + "/login/"})
        session = browser.cookies["crm_sessionid"]
        rows = browser.get(PATH).text.count("<tr")
        assert rows > 50, f"the list shows {rows} rows"
    return f"crm_sessionid={session}"


def _turn(url: str, cookie: str, seconds: float) -> int:
    """How many pages a few hands get in this time."""
    counts: list[int] = []
    hands = [threading.Thread(target=_hand, args=(url, cookie, seconds, counts)) for _ in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(counts) == HANDS, "a hand met an error"
    return sum(counts)


def _hand(url: str, cookie: str, seconds: float, counts: list[int]) -> None:
    link, count = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60), 0
    until_then = time.monotonic() + seconds
    while time.monotonic() < until_then:
        link.request("GET", PATH, headers={"Cookie": cookie})
        answer = link.getresponse()
        body = answer.read()
        if answer.status != 200 or b"<table" not in body:
            return
        count += 1
    link.close()
    counts.append(count)
