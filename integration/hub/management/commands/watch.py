import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from base.rights import refuse_excess_rights
from integration.hub import watching


class Command(BaseCommand):
    help = "Sweep for conflicts, alert, and seal the archive, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_excess_rights()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        watching.run(stop)
