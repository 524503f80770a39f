"""A worker that is killed in the middle of an import: a real process and `kill -9`."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from base.exchange import services
from crm.access.models import Import
from crm.accounts.models import Account
from tests.crm.makers import user
from tests.importing import media, tried

__all__ = ["media"]
ROOT = Path(__file__).resolve().parents[3]
ROWS = 4000
WORK = """import sys

import django
from django.conf import settings

settings.MEDIA_ROOT = {media!r}
django.setup()
from base import jobs

jobs.run(sys.argv[1])
"""


@pytest.fixture
def environment(media: Path) -> dict[str, str]:
    """Another process of this side, on this test's database and with its files."""
    url = make_conninfo(os.environ["CRM_DATABASE_URL"], dbname=connection.settings_dict["NAME"])
    told = dict(part.split("=", 1) for part in url.split())
    address = f"postgresql://{told['user']}:{told.get('password', '')}@{told['host'].strip(chr(39))}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "CRM_DATABASE_URL": f"{address}:{told.get('port', '5432')}/{told['dbname']}",
        "WORK": WORK.format(media=str(media)),
    }


def worker(environment: dict[str, str], job: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", environment["WORK"], str(job)]
    return subprocess.Popen(command, env=environment, cwd=ROOT)


@pytest.mark.django_db(transaction=True)
def test_an_import_whose_worker_is_killed_ends_whole_and_doubles_nothing(environment: dict[str, str]) -> None:
    maria = user("rep", name="maria")
    text = "ref,name\n" + "".join(f"R{number},Company {number} of {number * 7919}\n" for number in range(ROWS))
    imp = services.begin(tried("accounts", text, maria, keep_lookalikes=True), send=False)

    first = worker(environment, imp.job_id)
    places = []
    end = time.monotonic() + 120
    while time.monotonic() < end and first.poll() is None:
        places.append(Import.objects.values_list("position", flat=True).get(pk=imp.pk))
        if places[-1] > 0:
            break
        time.sleep(0.02)
    os.kill(first.pid, signal.SIGKILL)
    killed = first.wait()

    imp = Import.objects.get(pk=imp.pk)
    at_the_death = (imp.state, imp.position, Account.objects.count(), imp.rows.count())
    assert killed == -signal.SIGKILL, "it was through before it could be killed"
    assert imp.state == "running"
    assert 0 < imp.position < ROWS
    assert at_the_death[2] == at_the_death[3] == sum(imp.counts.values())

    assert worker(environment, imp.job_id).wait(timeout=240) == 0

    imp = Import.objects.select_related("job").get(pk=imp.pk)
    assert (imp.state, imp.counts, imp.job.state) == ("done", {"new": ROWS}, "done")
    assert (imp.job.done, imp.job.total) == (ROWS, ROWS)
    assert Account.objects.values("external_ref").distinct().count() == Account.objects.count() == ROWS
    assert imp.rows.values("record").distinct().count() == ROWS
