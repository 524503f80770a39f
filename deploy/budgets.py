"""What a page costs: bytes of style, scripts and icons against a budget, and how soon the largest thing shows.

    python -m deploy.budgets        part of `make lint`; ends with 1 when the bytes are over

Bytes are counted as they travel (gzip). The time is LCP in Chromium, the median of three first loads of a list of fifty
rows: the CRM's as a slow phone on a slow network sees it, the ERP's and the hub's as an old computer in an office does.
It is shown and never fails, for it also tells how busy the machine is. Without Chromium it is left out.
"""

import gzip
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from playwright.sync_api import Page

from deploy.browser import browsing, chromium
from deploy.environment import ROOT

STATIC = ROOT / "static"
EVERY_PAGE = ("vendor/htmx.js", "js/ui.js", "js/palette.js", "vendor/icons.svg")
CRM_PAGE = ("vendor/crm.css", "js/queue.js", "js/drafts.js", "js/offline.js")
KILOBYTE = 1024
# name: files besides those of every page, budget in kB
PAGES: dict[str, tuple[tuple[str, ...], int]] = {
    "crm": (CRM_PAGE, 56),
    "crm, form": ((*CRM_PAGE, "js/meter.js", "js/capture.js"), 60),
    "crm, board": ((*CRM_PAGE, "vendor/sortable.js", "js/board.js"), 72),
    "crm, charts": ((*CRM_PAGE, "vendor/echarts.js", "js/chart.js"), 300),
    "crm, offline": ((*CRM_PAGE, "js/shell.js"), 60),
    "erp": (("vendor/erp.css",), 56),
    "erp, list": (("vendor/erp.css", "vendor/sortable.js", "js/listing.js"), 76),
    "erp, voucher": (("vendor/erp.css", "js/voucher.js"), 60),
    "erp, charts": (("vendor/erp.css", "vendor/echarts.js", "js/chart.js"), 300),
    "hub": (("vendor/integration.css",), 56),
    "hub, list": (("vendor/integration.css", "vendor/sortable.js", "js/listing.js"), 76),
    "hub, charts": (("vendor/integration.css", "vendor/echarts.js", "js/chart.js"), 300),
}
PATIENCE_S = 60  # for each side
LOADS = 3


@dataclass(frozen=True)
class Device:
    """On what a side is looked at, and how soon its largest thing should stand there."""

    words: str
    width: int
    height: int
    cpu_slowdown: int
    latency_ms: int
    down_bits: int
    up_bits: int
    lcp_budget_ms: int
    has_touch: bool = False

    @property
    def network(self) -> dict[str, Any]:
        """As Chromium wants to be told."""
        down, up = self.down_bits / 8, self.up_bits / 8
        return {"offline": False, "latency": self.latency_ms, "downloadThroughput": down, "uploadThroughput": up}


# A mid-range phone on a slow 4G network, as Lighthouse has it; an office computer of years ago on a shared line.
PHONE = Device("a slow phone", 360, 640, 4, 150, 1_638_400, 768_000, lcp_budget_ms=2500, has_touch=True)
DESK = Device("an old office computer", 1440, 900, 3, 40, 10_240_000, 5_120_000, lcp_budget_ms=1500)
LOOKED_AT_ON = {"crm": PHONE, "erp": DESK, "integration": DESK}


def main(arguments: list[str]) -> int:
    """Show all figures; say no when bytes are over."""
    if "--lcp" in arguments:
        _flag, side, folder = arguments
        show_lcp(side, Path(folder))
        return 0
    over = [name for name, (files, budget) in PAGES.items() if not show_bytes(name, (*EVERY_PAGE, *files), budget)]
    if chromium():
        with tempfile.TemporaryDirectory(prefix="heming-lcp-") as folder:
            collect(Path(folder))
            for side in LOOKED_AT_ON:
                measure(side, folder)
    return 1 if over else 0


def show_bytes(name: str, files: tuple[str, ...], budget: int) -> bool:
    """One line: what the page's files weigh, of how much they may."""
    weighed = {file: len(gzip.compress((STATIC / file).read_bytes(), 9)) for file in files}
    total = sum(weighed.values()) / KILOBYTE
    parts = ", ".join(f"{Path(file).name} {size / KILOBYTE:.1f}" for file, size in weighed.items())
    print(f"  payload of {name}: {total:.0f} kB of {budget} ({parts})")
    return total <= budget


def measure(side: str, folder: str) -> None:
    """In a process of its own, which has the settings of this side."""
    command = [sys.executable, "-m", "deploy.budgets", "--lcp", side, folder]
    try:
        # Its log tells of each request; what it died of is at the end.
        done = subprocess.run(command, cwd=ROOT, timeout=PATIENCE_S, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            print(f"  LCP of {side}: not measured: {done.stderr.strip().splitlines()[-1:]}")
    except subprocess.TimeoutExpired:
        print(f"  LCP of {side}: not measured within {PATIENCE_S} s, the machine is busy")


def show_lcp(side: str, var: Path) -> None:
    """One line: the median LCP of the gallery's list beside its budget."""
    device = LOOKED_AT_ON[side]
    with served(side, var) as url:
        times = list(loads(f"{url}/ui/?list=1", device))
    median, each = statistics.median(times), ", ".join(f"{time:.0f}" for time in times)
    print(f"  LCP of {side} on {device.words}: {median:.0f} ms of {device.lcp_budget_ms} ({each})")


def collect(var: Path) -> None:
    """The files as in production, once for all sides: those of their own that differ are of no page of ours."""
    first, *others = LOOKED_AT_ON
    ignored = [word for name in ("admin", "rest_framework", "drf_spectacular_sidecar", "css") for word in ("-i", name)]
    command = [sys.executable, "-m", "django", "collectstatic", "--noinput", "-v0", *ignored]
    surroundings = {**os.environ, **environment(first, var), "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=surroundings)
    for side in others:
        (var / "static" / side).symlink_to(var / "static" / first)


def environment(side: str, var: Path) -> dict[str, str]:
    """What a process of this side needs that asks for no database."""
    return {
        "HEMING_VAR": str(var),
        "HEMING_DEBUG": "1",
        "STATIC_FROM_SOURCE": "0",
        "DJANGO_SETTINGS_MODULE": f"{side}.settings",
        "LOG_LEVEL": "CRITICAL",
        f"{side.upper()}_DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
        f"{side.upper()}_SECRET_KEY": "only-for-measuring",  # nothing is signed with it
    }


@contextmanager
def served(side: str, var: Path) -> Iterator[str]:
    """A side's gallery of components, which needs no database, with its files as in production."""
    os.environ.update(environment(side, var))
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    settings.DEBUG = False  # the gallery's address is made; names of files are looked up as in production
    server = make_server("127.0.0.1", 0, application, server_class=_Threaded, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """The linter's output is for figures."""


def loads(url: str, device: Device) -> Iterator[float]:
    """LCP of some first visits, in milliseconds."""
    with browsing() as browser:
        for _load in range(LOADS):
            size: Any = {"width": device.width, "height": device.height}
            page = throttled(browser.new_context(viewport=size, has_touch=device.has_touch).new_page(), device)
            page.goto(url, timeout=60_000)
            yield float(page.evaluate(LARGEST))
            page.context.close()


def throttled(page: Page, device: Device) -> Page:
    """The page with the network and the processor of the device."""
    emulated = page.context.new_cdp_session(page)
    emulated.send("Network.enable")
    emulated.send("Network.emulateNetworkConditions", device.network)
    emulated.send("Emulation.setCPUThrottlingRate", {"rate": device.cpu_slowdown})
    return page


LARGEST = """() => new Promise(resolve => new PerformanceObserver(seen => resolve(seen.getEntries().at(-1).startTime))
  .observe({type: "largest-contentful-paint", buffered: true}))"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
