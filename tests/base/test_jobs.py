"""Long work: started, followed, cancelled, taken up again after its worker died."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from base import context, jobs
from base.jobs import services
from base.refusals import BadInput, MoveRefused
from crm.access.models import Job, User
from tests.crm.makers import user

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> Iterator[list[Any]]:
    """A kind of work that follows a list of steps: numbers are progress, exceptions are raised, callables called."""
    steps: list[Any] = []

    def follow(job: Any) -> None:
        for step in steps:
            if isinstance(step, Exception):
                raise step
            if callable(step):
                step(job)
            else:
                job.progress(step, total=10)

    jobs.kind("follow", "Follow")(follow)
    yield steps
    del services._KINDS["follow"]


@pytest.fixture
def maria() -> User:
    return user("rep", name="maria")


def start(by: User, **params: Any) -> Job:
    return jobs.start("follow", by=by, title="Follow the list", **params)


def status_of(client: Client, address: str) -> int:
    response: Any = client.get(address)
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code


def now(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def test_done_work_tells_its_owner_once(work: list[Any], maria: User) -> None:
    work += [3, 10, lambda job: job.say("10 of 10")]
    job = start(maria)

    jobs.run(job.pk)
    jobs.run(job.pk)

    job = now(job)
    assert (job.state, job.done, job.total, job.percent, job.message) == ("done", 10, 10, 100, "10 of 10")
    assert [(one.text, one.url) for one in maria.notices.all()] == [("Follow the list: done.", job.get_absolute_url())]


def test_work_is_done_in_its_owners_name_and_language(work: list[Any], maria: User) -> None:
    seen: list[Any] = []
    work.append(lambda job: seen.append((context.actor.get(), str(BadInput(why="x")))))

    jobs.run(start(maria).pk)

    assert seen == [("maria", "x")]
    assert context.actor.get() == ""


def test_a_refusal_fails_the_job_with_its_words(work: list[Any], maria: User) -> None:
    work.append(BadInput(why="Row 3 is empty."))
    job = start(maria)

    jobs.run(job.pk)

    assert (now(job).state, now(job).message) == ("failed", "Row 3 is empty.")
    assert maria.notices.get().tone == "bad"


def test_a_mistake_of_ours_is_no_secret_and_no_traceback(work: list[Any], maria: User) -> None:
    work.append(RuntimeError("password=hunter2"))
    job = start(maria)

    jobs.run(job.pk)

    assert now(job).state == "failed"
    assert "hunter2" not in now(job).message


def test_a_waiting_job_is_cancelled_at_once_a_running_one_at_its_next_sign(work: list[Any], maria: User) -> None:
    waiting, running = start(maria), start(maria)
    work += [1, lambda job: jobs.cancel(job), 2, lambda job: pytest.fail("it went on")]

    jobs.cancel(waiting)
    jobs.run(waiting.pk)
    jobs.run(running.pk)

    assert (now(waiting).state, now(running).state, now(running).done) == ("cancelled", "cancelled", 2)
    with pytest.raises(MoveRefused):
        jobs.cancel(running)


def test_a_job_whose_worker_died_is_sent_again_and_goes_on(
    work: list[Any], maria: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    died, fresh = start(maria), start(maria)
    services._begun(died.pk)
    Job.objects.filter(pk=died.pk).update(seen_at=timezone.now() - timedelta(minutes=2))
    sent: list[Any] = []
    monkeypatch.setattr(services, "_send", sent.append)

    assert (jobs.resume_waiting(), sent) == (1, [died.pk])

    jobs.run(died.pk)
    assert (now(died).state, now(died).attempts, now(fresh).state) == ("done", 2, "queued")


def test_work_that_kills_its_worker_again_and_again_is_given_up(work: list[Any], maria: User) -> None:
    job = start(maria)
    for _time in range(services.ATTEMPTS_MAX):
        services._begun(job.pk)

    jobs.run(job.pk)

    assert now(job).state == "failed"


@pytest.mark.django_db(transaction=True)
def test_two_workers_are_never_at_the_same_job(work: list[Any], maria: User) -> None:
    job = start(maria)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended('job:' || %s, 0))", [str(job.pk)])

    jobs.run(job.pk)
    assert now(job).state == "queued"

    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock_all()")
    other.close()
    jobs.run(job.pk)
    assert now(job).state == "done"


def test_the_result_is_for_owner_and_admin_only(work: list[Any], maria: User, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    work.append(lambda job: job.result_path("../../deals.csv").write_text("secret"))
    job = start(maria)
    jobs.run(job.pk)
    got = {}
    for who in (maria, user("rep", name="other"), user("admin")):
        client = Client()
        client.force_login(who)
        got[who.username] = [
            status_of(client, address)
            for address in (
                f"/jobs/{job.pk}/file/",
                f"/jobs/{job.pk}/",
                f"/api/v1/jobs/{job.pk}/file/",
                f"/api/v1/jobs/{job.pk}/",
            )
        ]

    assert got == {"maria": [200] * 4, "other": [404] * 4, "admin": [200] * 4}
    assert now(job).file_path == tmp_path / "jobs" / str(job.pk) / "deals.csv"


def test_results_are_forgotten_after_thirty_days(work: list[Any], maria: User, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    work.append(lambda job: job.result_path("deals.csv").write_text("x"))
    job = start(maria)
    jobs.run(job.pk)

    assert jobs.forget_old() == 0
    Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - timedelta(days=31))
    assert (jobs.forget_old(), now(job).file_name, now(job).folder.exists()) == (1, "", False)


def test_pages_follow_the_job_without_and_with_javascript(work: list[Any], maria: User) -> None:
    client = Client()
    client.force_login(maria)
    assert "No jobs yet" in client.get("/jobs/").content.decode()
    job = start(maria, total=10)

    page = client.get(f"/jobs/{job.pk}/").content.decode()
    same = client.get(f"/jobs/{job.pk}/progress/?revision={job.revision}")
    work.append(4)
    jobs.run(job.pk)
    moved = client.get(f"/jobs/{job.pk}/progress/?revision={job.revision}")

    assert "<progress" in page
    assert (same.status_code, moved.status_code, moved.headers["HX-Trigger"]) == (204, 200, "job-over")
    assert "Follow the list" in client.get("/jobs/").content.decode()


def test_cancel_over_page_and_api(work: list[Any], maria: User) -> None:
    client = Client()
    client.force_login(maria)
    one, two = start(maria), start(maria)

    assert client.post(f"/jobs/{one.pk}/cancel/").status_code == 302
    told = client.post(f"/api/v1/jobs/{two.pk}/cancel/").json()
    again = client.post(f"/api/v1/jobs/{two.pk}/cancel/")

    assert (now(one).state, told["state"], again.status_code) == ("cancelled", "cancelled", 409)
