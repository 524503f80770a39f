"""Loaded by every process of a deployment that is under fire (HEMING_INJECT). Nothing of the product is changed on disk
or knows of it.

`$HEMING_VAR/chaos/clock-<side>` holds seconds to add to that side's clock. `$HEMING_VAR/chaos/kill-<side>` names a
stage of the wire and who dies there: the first process of the side that comes to it, `alone` or with its parent
(`whole`). A customer called `poison …` is applied by a handler that raises, kills its process or never returns.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(os.environ.get("HEMING_VAR", "/nonexistent")) / "chaos"
SIDE = os.environ.get("DJANGO_SETTINGS_MODULE", "").partition(".")[0]
_true_time, _true_time_ns, _steady = time.time, time.time_ns, time.monotonic
_known = [0.0, -1.0]  # the offset, and when it was read


def offset() -> float:
    """Seconds by which this side's clock is wrong."""
    now = _steady()
    if now - _known[1] > 0.2:
        _known[1] = now
        _known[0] = 0.0
        with contextlib.suppress(OSError, ValueError):
            _known[0] = float((FOLDER / f"clock-{SIDE}").read_text())
    return _known[0]


def _wrong_time() -> float:
    return _true_time() + offset()


def _wrong_time_ns() -> int:
    return _true_time_ns() + int(offset() * 1e9)


time.time, time.time_ns = _wrong_time, _wrong_time_ns


def _wrong_clock(module: ModuleType) -> None:
    true_now = module.now

    def now() -> datetime:
        wrong: datetime = true_now() + timedelta(seconds=offset())
        return wrong

    module.__dict__["now"] = now


def _reach(stage: str) -> None:
    """Die here, if this is where somebody is to die; one process alone sees itself as the one."""
    order = FOLDER / f"kill-{SIDE}"
    try:
        named, _space, who = order.read_text().rpartition(" ")
        if named != stage:
            return
        order.rename(FOLDER / f"killed-{SIDE}")
    except OSError:
        return
    if who == "whole":
        os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _between(module: ModuleType, name: str, before: str = "", after: str = "") -> None:
    """Make the function a place where one can die, before or after it."""
    true_function = module.__dict__[name]

    def function(*args: object, **named: object) -> object:
        if before:
            _reach(before)
        found = true_function(*args, **named)
        if after:
            _reach(after)
        return found

    module.__dict__[name] = function


def _lanes(module: ModuleType) -> None:
    worker = module.LaneWorker
    true_claim, true_settle = worker._claim_here, worker._settle

    def claim(self: Any, limit: int) -> object:
        _reach(f"{self.table} before claim")
        rows = true_claim(self, limit)
        if rows:
            _reach(f"{self.table} after claim")
        return rows

    def settle(self: Any, *args: object) -> None:
        true_settle(self, *args)
        _reach(f"{self.table} after settling")

    worker._claim_here, worker._settle = claim, settle


def _courier(module: ModuleType) -> None:
    _between(module, "_post", after="after sending")


def _storing(module: ModuleType) -> None:
    _between(module, "notify", after="while storing")  # the last thing in its transaction
    _between(module, "store", before="before storing", after="after storing")


def _hub_storing(module: ModuleType) -> None:
    _between(module, "accept", before="before storing", after="while storing")
    true_one_by_one = module.__dict__["one_by_one"]

    def one_by_one(*args: object) -> object:
        true_store = true_one_by_one(*args)

        def store(deliveries: object) -> object:
            found = true_store(deliveries)
            _reach("after storing")
            return found

        return store

    module.__dict__["one_by_one"] = one_by_one


def _applying(module: ModuleType) -> None:
    true_apply = module.__dict__["apply_event"]

    def apply_event(body: bytes, replay: bool = False) -> object:
        if b'"name":"poison ' in bytes(body):
            if b"poison exception" in body:
                raise RuntimeError("this handler always fails")
            if b"poison kill" in body:
                os.kill(os.getpid(), signal.SIGKILL)
            while b"poison loop" in body:
                pass
        found = true_apply(body, replay)
        _reach("after effect")  # nothing is committed yet
        return found

    module.__dict__["apply_event"] = apply_event
    _between(module, "apply", after="after applying")
    _between(module, "apply_set", after="after applying")


PATCHES = {
    "django.utils.timezone": _wrong_clock,
    "integration.lanes": _lanes,
    "integration.courier": _courier,
    "integration.inbox.receiving": _storing,
    "integration.hub.intake": _hub_storing,
    "integration.inbox.applying": _applying,
}


class _Patching(MetaPathFinder):
    """Lets the module load as ever, then changes it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module's own place, with the patch behind its loading."""
        if fullname not in PATCHES:
            return None
        patch = PATCHES.pop(fullname)
        spec = find_spec(fullname)
        assert spec is not None
        assert spec.loader is not None
        load = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            patch(module)

        vars(spec.loader)["exec_module"] = exec_module
        return spec


sys.meta_path.insert(0, _Patching())
