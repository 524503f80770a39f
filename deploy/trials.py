"""The ground that `make bench` and `make proof` stand on: how modules are found, run apart, and what they print."""

import contextlib
import importlib
import json
import logging
import os
import pkgutil
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from deploy import databases, environment, prepare
from deploy.demo.deployment import Deployment
from deploy.environment import ROOT, SIDES
from deploy.postgres import Cluster
from deploy.processes import die_with_parent

OK, FAILED, BAD_WORDS = 0, 1, 2
SHOWN = 200

Print = Callable[[str], None]


def say(what: str) -> None:
    """A line for the person who waits; standard output is for JSON lines only."""
    print(what, file=sys.stderr, flush=True)


def _print_line(line: str) -> None:
    print(line, flush=True)


# -- what they say -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """Something measured; with a reference the bar is for the ratio, otherwise for the value."""

    name: str
    value: float
    unit: str
    reference: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"{self.name}: a figure has one bar, at_least or at_most")

    @property
    def ratio(self) -> float | None:
        """How much of the reference this is."""
        return None if self.reference is None else self.value / self.reference

    @property
    def holds(self) -> bool:
        """Is it on the right side of its bar?"""
        judged = self.value if self.ratio is None else self.ratio
        return judged >= self.at_least if self.at_least is not None else judged <= (self.at_most or 0)

    def line(self, bench: str) -> str:
        """One JSON line.

        >>> Figure("c1_ratio", value=600.0, reference=800.0, unit="entries/s", at_least=0.5).line("post")
        '{"bench":"post","figure":"c1_ratio","value":600.0,"unit":"entries/s","reference":800.0,"ratio":0.75,"bar":0.5,"holds":true}'
        """
        told = {
            "bench": bench,
            "figure": self.name,
            "value": _short(self.value),
            "unit": self.unit,
            "reference": _short(self.reference),
            "ratio": _short(self.ratio),
            "bar": self.at_least if self.at_least is not None else self.at_most,
            "holds": self.holds,
        }
        return json.dumps(told, separators=(",", ":"))


@dataclass
class Cases:
    """A proof's tally."""

    count: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)

    def that(self, holds: object, otherwise: str) -> bool:
        """Count one case; say what went wrong when it does not hold."""
        self.count += 1
        if not holds:
            self.fail(otherwise)
        return bool(holds)

    def fail(self, what: str) -> None:
        """One of the counted cases failed."""
        self.failed += 1
        if self.failed <= SHOWN:
            say(f"FAILED: {what}")
        elif self.failed == SHOWN + 1:
            say("… more failures are only counted.")

    def line(self, proof: str) -> str:
        """One JSON line."""
        seconds = round(time.monotonic() - self.began, 1)
        told = {"proof": proof, "cases": self.count, "failed": self.failed, "seconds": seconds}
        return json.dumps(told, separators=(",", ":"))


def _short(number: float | None) -> float | None:
    return number if number is None or isinstance(number, int) else float(f"{number:.4g}")


# -- how they are found and run ----------------------------------------------------------------------------------------


def names(package: ModuleType) -> list[str]:
    """Every module of the package but helpers, whose names begin with an underscore."""
    return sorted(found.name for found in pkgutil.iter_modules(package.__path__) if not found.name.startswith("_"))


def main(package: ModuleType, wanted: list[str], run: Callable[[str, ModuleType, Print], bool]) -> int:
    """Run the modules asked for, each in a process of its own; 0 when all of them hold."""
    here = os.environ.get("HEMING_TRIAL")
    if here:
        return OK if run(here, importlib.import_module(f"{package.__name__}.{here}"), _print_line) else FAILED
    known = names(package)
    chosen = [name.replace("-", "_") for word in wanted for name in word.replace(",", " ").split()] or known
    if unknown := [name for name in chosen if name not in known]:
        say(f"There is no {unknown[0]!r}; there are: {', '.join(known)}.")
        return BAD_WORDS
    codes = [_apart(package.__name__, name) for name in chosen]
    return FAILED if any(codes) else OK


def run_bench(name: str, module: ModuleType, out: Print = _print_line) -> bool:
    """Print the module's figures; do all bars hold?"""
    holds = True
    for figure in module.figures():
        out(figure.line(name))
        holds = holds and figure.holds
    return holds


def run_proof(name: str, module: ModuleType, out: Print = _print_line) -> bool:
    """Let the module count its cases; did it have some, and did all hold?"""
    cases = Cases()
    try:
        module.check(cases)
    except Exception:
        cases.count += 1
        cases.fail(f"{name} broke:\n{traceback.format_exc()}")
    out(cases.line(name.replace("_", "-")))
    return cases.count > 0 and cases.failed == 0


def _apart(package: str, name: str) -> int:
    """One module in a process of its own, that knows nothing of this terminal's deployment and dies with us."""
    process = subprocess.Popen(
        [sys.executable, "-m", package],
        cwd=ROOT,
        env=environment.elsewhere(os.environ) | {"HEMING_TRIAL": name, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        preexec_fn=die_with_parent(),
    )
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
        process.wait()
        raise


# -- what they stand on ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def own_deployment(settings: Mapping[str, str] | None = None) -> Iterator[Deployment]:
    """A whole running Heming with its users and nothing in it, gone afterwards; `settings` are for its environment."""
    with _interruptible_once():
        deployment = Deployment(settings=settings)
        try:
            deployment.start()
            yield deployment
        finally:
            deployment.close()


@contextlib.contextmanager
def own_server(*sides: str) -> Iterator[Path]:
    """A PostgreSQL of its own with these sides' migrated, empty tables; the first side's Django is loaded here.

    Yields the folder of state; `manage(var, side, "seed_company")` runs a command of any of the sides on it.
    """
    with _interruptible_once():
        var = Path(tempfile.mkdtemp(prefix="heming-trial-"))
        os.environ["HEMING_VAR"] = str(var)
        try:
            environment.ensure_secret_keys(var, SIDES)
            databases.ensure_embedded(var, sides)
            for side in sides:
                prepare.tables(var, side)
            _load(var, sides[0])
            yield var
        finally:
            Cluster(var / "postgres").stop("immediate")
            shutil.rmtree(var, ignore_errors=True)


def manage(var: Path, side: str, *words: str) -> str:
    """`./manage.py <side> <words>` on the state in `var`; what it printed."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), side, *words],
        cwd=ROOT,
        env=environment.elsewhere(os.environ) | {"HEMING_VAR": str(var), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"./manage.py {side} {' '.join(words)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _load(var: Path, side: str) -> None:
    environment.load(var, side)
    os.environ["DJANGO_SETTINGS_MODULE"] = f"{side}.settings"
    os.environ.pop(f"{side.upper()}_OWNER_DATABASE_URL", None)
    import django

    django.setup()
    logging.disable(logging.INFO)  # who reads failures does not want every step


@contextlib.contextmanager
def _interruptible_once() -> Iterator[None]:
    """TERM cleans up as Ctrl-C does, and neither disturbs the cleaning up."""
    numbers = (signal.SIGINT, signal.SIGTERM)

    def interrupt(number: int, frame: object) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
