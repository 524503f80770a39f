"""The wire against a model of it: any order of telling, crashing, losing, doubling, pausing, changing keys, restoring.

The real outbox, hub and inbox stand in one database here and take turns in one process, each under its own name and
keys; between them is no network but a hand that loses answers, doubles deliveries, or dies before or after them. The
model knows one thing only: what each of the three said of each record, in order. At any time what was done is a
beginning of that; at the end, all of it, and the hub's archive holds as it was sealed.

Every key may be changed or given up at any time, also while what it has signed is being handed over. Only the ERP is
restored: a hub alone from an old backup would miss what the sides are done with, which is why a backup is one moment of
all three (docs/adr/0008).
"""

import itertools
import os
from pathlib import Path
from typing import Any

import psycopg

from deploy import environment
from deploy.environment import SIDES
from deploy.trials import Cases, own_server, say
from proofs._wire import FATES, Wire
from proofs._wire_story import CUSTOMERS, NOTED, PRODUCTS, Story

EXAMPLES, STEPS = int(os.environ.get("WIRE_EXAMPLES", "150")), 40


def check(cases: Cases) -> None:
    """Run the model; each step of each example is a case."""
    with own_server("integration") as var:
        owner = environment.read(var, "integration")["INTEGRATION_OWNER_DATABASE_URL"]
        with psycopg.connect(owner, autocommit=True) as database:
            database.execute("CREATE TABLE effect (id bigint GENERATED ALWAYS AS IDENTITY, record uuid, said int)")
        _run(var, cases)


def _run(var: Path, cases: Cases) -> None:
    from django.conf import settings
    from django.test import override_settings
    from hypothesis import HealthCheck, Phase, seed
    from hypothesis import settings as options
    from hypothesis.stateful import run_state_machine_as_test

    from integration import keys
    from integration.hub import chain
    from integration.hub.models import Pause
    from integration.hub.routes import make_routes

    for side in SIDES:
        keys.make_keys(side, var / side / "keys", Path(settings.JWKS_FILE))
    make_routes()
    wire = Wire(var)
    chosen = options(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    with override_settings(ALLOWED_HOSTS=["*"]), wire.in_place_of_the_network():
        try:
            run_state_machine_as_test(seed(20261125)(_machine(wire, cases)), settings=chosen)
        except AssertionError as disagreement:
            cases.fail(f"the wire and its model disagree: {disagreement}")
    for flaw in chain.verify():
        cases.fail(f"the archive: {flaw.text}")
    say(f"{wire.turns} turns; {wire.lost_keys} keys given up; pauses left: {Pause.objects.active().count()}")


def _machine(wire: Wire, cases: Cases) -> Any:
    """What may happen, and what must hold; the class is made here because Hypothesis is there for trials only."""
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

    from integration import keys

    customer = st.integers(0, CUSTOMERS - 1)
    record = st.integers(0, CUSTOMERS + PRODUCTS + NOTED - 1)
    fate = st.sampled_from(FATES)
    signer = st.sampled_from(list(itertools.product(SIDES, keys.PURPOSES)))

    class Machine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.story = Story(wire)

        @rule(which=record)
        def emit(self, which: int) -> None:
            self.story.emit(which)

        @rule(what=fate)
        def tell(self, what: str) -> None:
            wire.turn("outbox", what)

        @rule(to=st.sampled_from(["to erp", "to erp", "to crm"]), what=fate)
        def deliver(self, to: str, what: str) -> None:
            wire.turn(to, what)

        @rule(dies=st.booleans())
        def apply(self, dies: bool) -> None:
            wire.turn("inbox", "dead after" if dies else "well")

        @rule()
        def seal(self) -> None:
            wire.seal()

        @rule(which=customer)
        def pause(self, which: int) -> None:
            self.story.pause(which)

        @rule(which=customer)
        def resume(self, which: int) -> None:
            self.story.resume(which)

        @rule(whose=signer)
        def rotate(self, whose: tuple[str, str]) -> None:
            wire.rotate(*whose)

        @rule(whose=signer)
        def revoke(self, whose: tuple[str, str]) -> None:
            wire.revoke(*whose)

        @rule()
        def back_up(self) -> None:
            self.story.back_up()

        @rule()
        def restore(self) -> None:
            self.story.restore()

        @invariant()
        def done_is_a_beginning_of_said(self) -> None:
            cases.count += 1
            self.story.check()

        def teardown(self) -> None:
            self.story.finish()

    return Machine
