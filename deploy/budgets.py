"""What a page costs a phone: bytes of style, scripts and icons against a budget, and how soon the largest thing shows.

    python -m deploy.budgets        part of `make lint`; ends with 1 when the bytes are over

Bytes are counted as they travel (gzip). The time is LCP in Chromium as a slow phone on a slow network sees it, the
median of three loads of a list of fifty rows; it is shown and never fails, for it also tells how busy the machine is.
Without Chromium it is left out.
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
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from deploy.browser import browsing, chromium
from deploy.environment import ROOT

STATIC = ROOT / "static"
EVERY_PAGE = ("vendor/htmx.js", "js/ui.js", "js/palette.js", "vendor/icons.svg")
CRM_PAGE = ("vendor/crm.css", "js/queue.js", "js/drafts.js", "js/offline.js")
KILOBYTE = 1024
# name: files besides those of every page, budget in kB
PAGES: dict[str, tuple[tuple[str, ...], int]] = {
    "crm": (CRM_PAGE, 56),
    "crm, board": ((*CRM_PAGE, "vendor/sortable.js", "js/board.js"), 72),
    "crm, charts": ((*CRM_PAGE, "vendor/echarts.js", "js/chart.js"), 300),
    "crm, offline": ((*CRM_PAGE, "js/shell.js"), 60),
    "erp": (("vendor/erp.css",), 56),
    "erp, voucher": (("vendor/erp.css", "js/voucher.js"), 60),
    "erp, charts": (("vendor/erp.css", "vendor/echarts.js", "js/chart.js"), 300),
    "hub, charts": (("vendor/integration.css", "vendor/echarts.js", "js/chart.js"), 300),
}
LCP_BUDGET_MS = 2500
PATIENCE_S = 60
LOADS = 3
# A mid-range phone on a slow 4G network, as Lighthouse has it.
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1_638_400 / 8, "uploadThroughput": 768_000 / 8}
CPU_SLOWDOWN = 4


def main(arguments: list[str]) -> int:
    """Show all figures; say no when bytes are over."""
    if "--lcp" in arguments:
        show_lcp()
        return 0
    over = [name for name, (files, budget) in PAGES.items() if not show_bytes(name, (*EVERY_PAGE, *files), budget)]
    if chromium():
        try:
            subprocess.run([sys.executable, "-m", "deploy.budgets", "--lcp"], cwd=ROOT, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            print(f"  LCP on a slow phone: not measured within {PATIENCE_S} s, the machine is busy")
    return 1 if over else 0


def show_bytes(name: str, files: tuple[str, ...], budget: int) -> bool:
    """One line: what the page's files weigh, of how much they may."""
    weighed = {file: len(gzip.compress((STATIC / file).read_bytes(), 9)) for file in files}
    total = sum(weighed.values()) / KILOBYTE
    parts = ", ".join(f"{Path(file).name} {size / KILOBYTE:.1f}" for file, size in weighed.items())
    print(f"  payload of {name}: {total:.0f} kB of {budget} ({parts})")
    return total <= budget


def show_lcp() -> None:
    """One line: the median LCP of the gallery's list beside its budget."""
    with tempfile.TemporaryDirectory(prefix="heming-lcp-") as folder, served(Path(folder)) as url:
        times = list(loads(f"{url}/ui/?list=1"))
    median = statistics.median(times)
    print(f"  LCP on a slow phone: {median:.0f} ms of {LCP_BUDGET_MS} ({', '.join(f'{time:.0f}' for time in times)})")


@contextmanager
def served(var: Path) -> Iterator[str]:
    """The CRM's gallery of components, which needs no database, with its files collected as in production."""
    os.environ.update(
        HEMING_VAR=str(var),
        HEMING_DEBUG="1",
        STATIC_FROM_SOURCE="0",
        CRM_DATABASE_URL="postgresql://nobody@127.0.0.1/none",
        CRM_SECRET_KEY="only-for-measuring",  # noqa: S106 -- nothing is signed with it
        DJANGO_SETTINGS_MODULE="crm.settings",
        LOG_LEVEL="CRITICAL",
    )
    ignored = [word for name in ("admin", "rest_framework", "drf_spectacular_sidecar", "css") for word in ("-i", name)]
    collect = [sys.executable, "-m", "django", "collectstatic", "--noinput", "-v0", *ignored]
    subprocess.run(collect, cwd=ROOT, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
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


def loads(url: str) -> Iterator[float]:
    """LCP of some first visits, in milliseconds."""
    with browsing() as browser:
        for _load in range(LOADS):
            page = browser.new_context(viewport={"width": 360, "height": 640}, has_touch=True).new_page()
            phone = page.context.new_cdp_session(page)
            phone.send("Network.enable")
            phone.send("Network.emulateNetworkConditions", NETWORK)
            phone.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
            page.goto(url, timeout=60_000)
            yield float(page.evaluate(_LARGEST))
            page.context.close()


_LARGEST = """() => new Promise(resolve => new PerformanceObserver(seen => resolve(seen.getEntries().at(-1).startTime))
  .observe({type: "largest-contentful-paint", buffered: true}))"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
