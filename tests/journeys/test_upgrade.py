"""A release comes while people work: `./manage.py upgrade` on a deployment that runs the release before."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from deploy import baseline
from tests.environment import SIDES
from tests.journeys.running import Running, until
from tests.journeys.test_thread import a_product, an_account, orders_of, won_deal

pytestmark = pytest.mark.journey

# Of each side app, model and key of a table that has rows by then; the release adds to it what
# tests/shape/test_migrations.py lets through.
GROWS = {
    "crm": ("accounts", "account", "id"),
    "erp": ("parties", "party", "id"),
    "integration": ("hub", "archived", "event_id"),
}
MIGRATION = """
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("{app}", "{newest}")]
    operations = [
        migrations.AddField("{model}", "of_the_upgrade", models.TextField(default="", db_default="filled")),
        AddIndexConcurrently("{model}", models.Index(fields=["of_the_upgrade"], name="{app}_of_the_upgrade")),
    ]
"""


@dataclass(frozen=True)
class Look:
    """What a side answered when it was asked whether it is ready; status 0: nothing."""

    at: float
    status: int
    is_new: bool


class Watch:
    """Asks every side all the time, as a front door does."""

    def __init__(self, running: Running) -> None:
        self.looks: dict[str, list[Look]] = {side: [] for side in SIDES}
        self.enough = threading.Event()
        self.threads = [threading.Thread(target=self._look, args=(side, running.url(side))) for side in SIDES]

    def __enter__(self) -> "Watch":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.enough.set()
        for thread in self.threads:
            thread.join(60)

    def _look(self, side: str, url: str) -> None:
        while not self.enough.is_set():
            at = time.monotonic()
            try:
                answer = httpx.get(url + "/readyz", timeout=30, trust_env=False)
                look = Look(at, answer.status_code, "of the new release" in answer.text)
            except httpx.TransportError:
                look = Look(at, 0, False)
            self.looks[side].append(look)
            time.sleep(0.05)

    def away(self, side: str) -> tuple[float, float]:
        """From when to when nobody was let in; the look before and the one after."""
        refused = [index for index, look in enumerate(self.looks[side]) if look.status != 200]
        assert refused, f"{side} was not restarted"
        assert refused[0] > 0, f"{side} was away before: {self.looks[side][0]}"
        return self.looks[side][refused[0] - 1].at, self.looks[side][refused[-1] + 1].at


def publish(root: Path) -> None:
    """What `git pull` brings: a migration on every side, and code that says that it is the new one."""
    newest = baseline.newest()
    for side, (app, model, _key) in GROWS.items():
        text = MIGRATION.format(app=app, newest=newest[side][app], model=model)
        (root / side / app / "migrations" / "9999_of_the_upgrade.py").write_text(text)
    health = root / "base" / "health.py"
    new = health.read_text().replace('"database": "ok"', '"database": "ok", "code": "of the new release"')
    assert new != health.read_text()
    health.write_text(new)


def kept(running: Running, side: str) -> set[str]:
    """The rows of the table that grows."""
    app, model, key = GROWS[side]
    return {str(pk) for (pk,) in running.query(side, f"SELECT {key} FROM {app}_{model}")}


def column(running: Running, side: str) -> list[str]:
    """What stands in the new column, once each."""
    app, model, _key = GROWS[side]
    return [text for (text,) in running.query(side, f"SELECT DISTINCT of_the_upgrade FROM {app}_{model}")]


def pids(running: Running) -> set[int]:
    return {running.pid(side, kind) for side in SIDES for kind in ("web", "relay", "worker")}


def test_a_release_comes_while_deals_are_won(running: Running) -> None:
    account, sku = an_account(running), a_product(running)
    won, enough = [won_deal(running, account, sku, "1")], threading.Event()
    until(lambda: all(kept(running, side) for side in SIDES), 60, "rows on every side")
    before = {side: kept(running, side) for side in SIDES}

    def keep_winning() -> None:
        while not enough.wait(1.0):
            try:
                won.append(won_deal(running, account, sku, "1"))
            except (httpx.TransportError, AssertionError):
                continue  # the rep's own side is away for a moment

    publish(running.root)
    seller = threading.Thread(target=keep_winning)
    with Watch(running) as watch:
        seller.start()
        try:
            said = running.command("upgrade", seconds=900)
        finally:
            enough.set()
            seller.join(60)
        until(lambda: all(looks[-1].is_new for looks in watch.looks.values()), 30, "the new code to answer")
    away = {side: watch.away(side) for side in SIDES}
    print({side: round(end - start, 1) for side, (start, end) in away.items()}, len(won), "deals won meanwhile")

    # What was there is there, in tables that have grown.
    assert said.splitlines()[-1] == "The new code runs on all sides."
    for side in SIDES:
        assert (before[side] - kept(running, side), column(running, side)) == (set(), ["filled"]), side
    # One side after the other, the hub first; meanwhile the old code works on the new tables.
    assert away["integration"][1] < away["erp"][1] < away["crm"][1]
    for side, other in (("erp", "integration"), ("crm", "integration"), ("crm", "erp"), ("integration", "crm")):
        looks = [look for look in watch.looks[side] if away[other][0] < look.at < away[other][1]]
        assert {(look.status, look.is_new) for look in looks} == {(200, side == "integration")}, (side, other)
    # Nothing that was promised meanwhile is lost or doubled.
    running.settled(120)
    assert {deal: len(orders_of(running, deal)) for deal in won} == dict.fromkeys(won, 1)

    # And what is new already is left alone.
    running_now, backups = pids(running), list((running.var / "backups").iterdir())

    assert running.command("upgrade") == "Nothing is new: tables, files and what runs are of this code.\n"

    assert (pids(running), list((running.var / "backups").iterdir())) == (running_now, backups)
