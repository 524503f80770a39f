"""Loaded by every process of a deployment that is under fire (HEMING_INJECT): its clock, and handlers that misbehave.

`$HEMING_VAR/chaos/clock-<side>` holds seconds to add to that side's clock. A customer called `poison …` is applied by a
handler that raises, kills its process or never returns. Nothing of the product is changed on disk or knows of this.
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


def _poison(module: ModuleType) -> None:
    true_apply = module.apply_event

    def apply_event(body: bytes, replay: bool = False) -> object:
        if b'"name":"poison ' in bytes(body):
            if b"poison exception" in body:
                raise RuntimeError("this handler always fails")
            if b"poison kill" in body:
                os.kill(os.getpid(), signal.SIGKILL)
            while b"poison loop" in body:
                pass
        return true_apply(body, replay)

    module.__dict__["apply_event"] = apply_event


PATCHES = {"django.utils.timezone": _wrong_clock, "integration.inbox.applying": _poison}


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
