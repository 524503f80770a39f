"""A program of a side behind gunicorn, served as the side's own pages are."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from deploy import prepare
from deploy.demo.waiting import until
from deploy.environment import ROOT
from deploy.processes import die_with_parent


@contextmanager
def served(var: Path, side: str, application: str) -> Iterator[str]:
    """Its address, from the moment it answers."""
    (port,) = prepare.free_ports(1)
    environ = prepare.process_environment(var, side)
    environ |= {"DJANGO_SETTINGS_MODULE": f"{side}.settings", "HEMING_BIND": f"127.0.0.1:{port}"}
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py"), application],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent(),
    )
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: _answers(url), f"{application} to answer", 120)
        yield url
    finally:
        server.terminate()
        server.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).status_code < 500
    except httpx.TransportError:
        return False
