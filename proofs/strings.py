"""Naughty strings through every form, import and API field: no 5xx, kept as sent or refused by name, nothing run.

What could not be reached is named on standard error and counted; pages that show the texts are opened in a browser.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from deploy.browser import browsing
from deploy.environment import SIDES
from deploy.trials import Cases, manage, own_deployment, say
from proofs._business import do_business
from proofs._naughty import GLOBAL

PARTS = ("forms", "api", "imports", "shown")


def check(cases: Cases) -> None:
    """Business first, then each side on its own, then the browser."""
    with own_deployment({"API_RATE_USER": "0", "API_RATE_ANONYMOUS": "0"}) as deployment:
        do_business(deployment)
        with ThreadPoolExecutor(len(SIDES)) as pool:
            told = dict(zip(SIDES, pool.map(lambda side: _side(deployment, side), SIDES), strict=True))
        for side, parts in told.items():
            for part, found in parts.items():
                cases.count += found["cases"]
                for words in found["failed"]:
                    cases.fail(f"{side}: {words}")
                for place, last in found["silent"].items():
                    say(f"{side}: not reached: {place}: {last}")
                reached = f"{found['reached']} fields, {len(found['silent'])} not reached"
                say(f"{side} {part}: {found['cases']} cases, {reached}")
            look(cases, deployment.url(side), parts["shown"])


def _side(deployment: Any, side: str) -> dict[str, Any]:
    return {part: _part(deployment, side, part) for part in PARTS}


def _part(deployment: Any, side: str, part: str) -> dict[str, Any]:
    said = manage(deployment.var, side, "shell", "-v0", "-c", f"from proofs._strings import tell; tell({part!r})")
    told: dict[str, Any] = json.loads(said.splitlines()[-1])
    return told


def look(cases: Cases, address: str, told: dict[str, Any]) -> None:
    """Open the pages in a browser: no dialog, nothing set by a script of ours, no error, no violation of the policy."""
    from playwright.sync_api import Dialog

    heard: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        heard.append(f"dialog {dialog.message}")
        dialog.dismiss()

    name, value = told["cookie"]
    with browsing() as browser:
        context = browser.new_context()
        host = urlsplit(address)
        context.add_cookies([{"name": name, "value": value, "domain": host.hostname or "", "path": "/"}])
        page = context.new_page()
        page.on("dialog", dismiss)
        page.on("pageerror", lambda fault: heard.append(f"error {fault}"))
        page.on("console", lambda line: heard.append(f"console {line.text}") if line.type == "error" else None)
        shown = 0
        for where in told["pages"]:
            heard.clear()
            page.goto(f"{host.scheme}://{host.netloc}{where}", wait_until="load")
            page.wait_for_timeout(100)
            shown += "Zq" in page.content()
            ran = page.evaluate(f"window.{GLOBAL}")
            cases.that(not heard and ran is None, f"{where} in the browser: {ran or ''} {'; '.join(heard)[:400]}")
        cases.that(shown > 0, f"{address}: no page shows what was sent")
        say(f"{shown} of {len(told['pages'])} pages of {address} show the texts, {told['exported']} cells of exports")
