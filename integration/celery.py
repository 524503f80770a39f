"""Scheduled and long work of this side; contract events never travel here."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integration.settings")
app = Celery("integration")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def check_rights(**_options: Any) -> None:
    """A worker with too many rights does not start."""
    from base import metrics
    from base.rights import refuse_excess_rights  # the app registry must stand first

    refuse_excess_rights()
    metrics.started()


@setup_logging.connect
def keep_logging(**_options: Any) -> None:
    """Lines look as the settings say, not as Celery would have them."""
