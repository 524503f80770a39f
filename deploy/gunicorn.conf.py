"""How each side's web server runs; the command line gives only the side's WSGI door and its address (HEMING_BIND).

The application is loaded once and shared by the workers; the loading process' database connection is closed before
they part, because two processes on one connection would read each other's answers.
"""

import gc
import os

from base import logs

bind = os.environ["HEMING_BIND"]
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
preload_app = True
keepalive = 75
timeout = 60
graceful_timeout = 5
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 -- heartbeats only
control_socket_disable = True
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
errorlog = "-"
loglevel = "info"
logconfig_dict = logs.config(os.environ["DJANGO_SETTINGS_MODULE"].partition(".")[0])


def when_ready(server: object) -> None:
    """What is loaded now lives as long as the process: garbage collection need not look at it, nor copy its pages.

    The addresses and all behind them are loaded now too, not by each worker at its first request: one that has to start
    again answers at once, and runs the code that its siblings run. So are its migrations, for `readyz`.
    """
    from django.urls import get_resolver

    from base import health

    health.know_tables()
    get_resolver().url_patterns  # noqa: B018 -- asking loads them
    gc.collect()
    gc.freeze()


def pre_fork(server: object, worker: object) -> None:
    """Nothing open may cross the fork."""
    from django.db import connections

    connections.close_all()


def post_fork(server: object, worker: object) -> None:
    """Counted as running."""
    from base import calm, metrics

    gc.set_threshold(*calm.THRESHOLDS)
    metrics.started()
