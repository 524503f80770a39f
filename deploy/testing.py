"""`make test`: the linters, then every test of every side, then one line with the sum.

The sides are separate Django projects, so each has a pytest run of its own; a run that breaks does not keep the others
from running, and the exit code is zero only if all of it passed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from deploy import environment
from deploy.environment import ROOT
from deploy.postgres import Cluster

Run = tuple[str, str, int]

# The benches that use the CRM's models.
OF_CRM = ("bench/crm.py", "bench/_many_customers.py")
# The slowest first: as many run at once as there are processors.
LINTERS = {
    "types of crm": ("-m", "mypy", "--cache-dir=.mypy_cache/crm", "crm", *OF_CRM),
    "types of erp": ("-m", "mypy", "--cache-dir=.mypy_cache/erp", f"--exclude={'|'.join(OF_CRM)}", "erp", "bench"),
    "types of integration": (
        "-m",
        "mypy",
        "--cache-dir=.mypy_cache/integration",
        "--follow-imports=silent",  # the proofs use both businesses, whose models the hub does not install
        "base",
        "integration",
        "deploy",
        "proofs",
        "chaos",
        "manage.py",
    ),
    "ruff": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "budgets": ("-m", "deploy.budgets"),
    "translations": ("-m", "deploy.messages", "--missing"),
    "imports": ("-c", "import sys; from importlinter.cli import lint_imports_command as go; sys.exit(go())"),
}
# What these say is worth reading also when all is well.
SHOWN = ("budgets",)
# Folder, settings, how many at a time; lanes run side by side. The journeys start real processes and mostly wait for
# them, so the others run beside them and give way.
JOURNEYS = ("journeys", "integration.settings", 0)
BESIDE = (
    (
        ("crm", "crm.settings", 2),
        ("erp", "erp.settings", 2),
        ("integration", "integration.settings", 2),
        ("base", "crm.settings", 2),
    ),
    (
        ("shape", "erp.settings", 0),
        ("shape", "crm.settings", 0),
        ("shape", "integration.settings", 0),
        ("deploy", "integration.settings", 0),
    ),
)
# So much nicer to the processor is what runs aside: a journey waits for what others do, with limits.
GIVING_WAY = ("nice", "-n", "5")
# The type checker loads a side's settings and never connects.
_NO_DATABASE = {
    f"{side.upper()}_{name}": value
    for side in ("crm", "erp", "integration")
    for name, value in (("DATABASE_URL", "postgresql://nobody@127.0.0.1/none"), ("SECRET_KEY", "types-only"))
}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
NO_TESTS_COLLECTED = 5


@dataclass
class Tally:
    """How many checks passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    _one_by_one: Lock = field(default_factory=Lock, repr=False)

    def add(self, other: "Tally") -> None:
        """Count these too."""
        with self._one_by_one:
            self.passed += other.passed
            self.failed += other.failed
            self.skipped += other.skipped


def main(arguments: list[str]) -> int:
    """Run what was asked for; words after `--` go to pytest."""
    began = time.monotonic()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as several:
        broken = [name for name, well in zip(LINTERS, several.map(lint, LINTERS), strict=True) if not well]
    tally = Tally(failed=len(broken))
    if "--lint-only" not in arguments:
        ensure_browser()
        extra = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
        with one_server(), ThreadPoolExecutor(len(BESIDE)) as beside:
            others = [beside.submit(run_lane, lane, extra, tally) for lane in BESIDE]
            run_tests(*JOURNEYS, extra, tally)
            for other in others:
                other.result()
    print(
        f"\nLinters: {'failed: ' + ', '.join(broken) if broken else 'clean'}; {tally.skipped} tests skipped; ", end=""
    )
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


@contextmanager
def one_server() -> Iterator[None]:
    """The PostgreSQL of all runs: as none of them started it, none stops it under another."""
    cluster = Cluster(environment.tests_var_dir(), durable=False)
    started = not cluster.running
    cluster.ensure_running()
    try:
        yield
    finally:
        if started:
            cluster.stop()


def run_lane(lane: Iterable[Run], extra: list[str], tally: Tally) -> None:
    """Runs one after the other, beside the journeys."""
    for run in lane:
        run_tests(*run, extra, tally, aside=True)


def lint(name: str) -> bool:
    """One linter; its findings are printed, its praise is not."""
    side = name.removeprefix("types of ")  # the types of models depend on the side's settings
    settings = {"DJANGO_SETTINGS_MODULE": f"{side}.settings", **_NO_DATABASE} if side != name else {}
    environ = {**os.environ, **settings}
    result = subprocess.run([sys.executable, *LINTERS[name]], cwd=ROOT, capture_output=True, text=True, env=environ)
    told = f"{name}: {'clean' if result.returncode == 0 else 'FAILED'}\n"  # in one piece: others print meanwhile
    if result.returncode != 0:
        told += result.stdout + result.stderr + "\n"
    elif name in SHOWN:
        told += result.stdout
    print(told, end="", flush=True)
    return result.returncode == 0


def run_tests(folder: str, settings: str, workers: int, extra: list[str], tally: Tally, *, aside: bool = False) -> None:
    """One pytest run, counted from its own report; what it says `aside` is printed when it is done."""
    if not aside:
        print(f"\n== tests/{folder}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        command = [
            *(GIVING_WAY if aside else ()),
            sys.executable,
            "-m",
            "pytest",
            f"tests/{folder}",
            f"--ds={settings}",
        ]
        command += [f"--junitxml={report}", "-q", "--durations=6", *extra]
        command += ["-n", str(workers)] if workers else []
        done = subprocess.run(
            command,
            cwd=ROOT,
            text=True,
            stdout=subprocess.PIPE if aside else None,
            stderr=subprocess.STDOUT if aside else None,
        )
        found = _read(report)
    if aside:
        print(f"\n\n== tests/{folder} ({settings})\n{done.stdout}", flush=True)
    if done.returncode not in (0, NO_TESTS_COLLECTED) and found.failed == 0:
        found.failed = 1  # pytest itself broke
    tally.add(found)


def ensure_browser() -> None:
    """The browser tests drive the system's Chromium; on Debian and Ubuntu, root installs it on the way."""
    if any(map(shutil.which, CHROMIUM)):
        return
    install_debian("chromium")
    if not any(map(shutil.which, CHROMIUM)):
        print(
            "No chromium here: the browser tests will fail. Install it with: sudo apt-get install chromium", flush=True
        )


def install_debian(package: str) -> None:
    """A program that tests or proofs drive; on Debian and Ubuntu, root gets it on the way."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {package}", file=sys.stderr, flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
            subprocess.run(["apt-get", *words], env=environment, stdout=subprocess.DEVNULL)


def _read(report: Path) -> Tally:
    try:
        suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314 -- pytest wrote it just now
    except (FileNotFoundError, ElementTree.ParseError):
        return Tally()
    if suite is None:
        return Tally()
    counts = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
    failed = counts["failures"] + counts["errors"]
    return Tally(counts["tests"] - failed - counts["skipped"], failed, counts["skipped"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
