"""Who watches: alerts within a minute and not twice, also when telling fails; seals that show every change."""

import http.server
import json
import threading
from datetime import timedelta

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from integration.hub import alerting, chain, services, watching
from integration.hub.models import Alert, Archived, Case, Delivery, Erasure, Pulse, Seal, Silence
from tests import environment
from tests.integration.hub.facts import catalogue, tell, won

NOW = timedelta(0)


@pytest.fixture
def olga(db, django_user_model):
    user = django_user_model.objects.create_user("olga")
    user.groups.add(Group.objects.get(name="operator"))
    return user


@pytest.fixture
def ways(settings):
    """A mailbox and a webhook of one's own; what the webhook got."""
    got = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ALERT_EMAILS = ["desk@example.com"]
    settings.ALERT_WEBHOOK_URL = f"http://127.0.0.1:{server.server_port}/"
    yield got
    server.shutdown()
    server.server_close()


def once():
    alerting.look()
    return alerting.tell()


def trouble(client):
    catalogue(client)
    tell(client, won(total="1.00"))
    return Case.objects.get()


def test_a_case_is_told_by_mail_webhook_and_bell_once(client, olga, ways):
    case = trouble(client)

    assert [once(), once()] == [1, 0]

    assert [(message.to, f"#{case.number}" in message.body) for message in mail.outbox] == [
        (["desk@example.com"], True)
    ]
    assert [alert["kind"] for alert in ways[0]["alerts"]] == ["case"]
    assert [(notice.url, notice.tone) for notice in olga.notices.all()] == [(f"/cases/{case.pk}/", "bad")]


def test_what_stands_is_told_again_after_an_hour_and_not_after_it_is_decided(client, olga, ways):
    case = trouble(client)
    once()
    later = timezone.now() + timedelta(minutes=61)

    assert alerting.tell(later) == 1
    services.decide(case, "accept", olga, "it is right")
    alerting.look()

    assert (Alert.objects.standing().count(), alerting.tell(later + timedelta(hours=2))) == (0, 0)


def test_one_may_be_told_no_more_for_a_while(client, olga, ways):
    trouble(client)
    Silence.objects.create(kind="case", until=timezone.now() + timedelta(hours=1), reason="known", by=olga)

    assert (once(), mail.outbox, Alert.objects.standing().count()) == (0, [], 1)


def test_when_mail_fails_the_webhook_says_so_and_an_alert_stands(client, olga, ways, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    trouble(client)

    once()

    assert "ConnectionRefusedError" in ways[0]["mail_error"]
    assert [(alert.kind, alert.subject) for alert in Alert.objects.filter(kind="alerting")] == [("alerting", "mail")]
    assert olga.notices.filter(text__contains="cannot be sent by mail").count() == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    alerting.tell(timezone.now() + timedelta(hours=2))
    assert Alert.objects.standing().filter(kind="alerting").count() == 0


def test_what_nobody_heard_is_told_again_within_the_minute(client, olga, ways, settings):
    hook, settings.ALERT_WEBHOOK_URL = settings.ALERT_WEBHOOK_URL, "http://127.0.0.1:1/"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    trouble(client)
    once()
    settings.ALERT_WEBHOOK_URL = hook
    now = timezone.now()

    told = [alerting.tell(now + timedelta(seconds=after)) for after in (1, 30, 60)]

    assert (told, len(ways)) == ([0, 1, 0], 1)
    assert olga.notices.filter(text__contains="cannot be sent").count() == 2


def test_when_nothing_works_the_interface_still_shows_it(client, olga, settings):
    settings.ALERT_EMAILS, settings.ALERT_WEBHOOK_URL = ["desk@example.com"], "http://127.0.0.1:1/"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    trouble(client)

    once()

    client.force_login(olga)
    page = client.get("/alerts/").content.decode()
    assert page.count("cannot be sent by") == 2
    assert olga.notices.count() == 3


def test_a_flood_of_alerts_is_one_message(client, olga, ways):
    catalogue(client)
    for _case in range(25):
        tell(client, won(total="1.00"))

    once()

    assert (len(mail.outbox), len(ways), olga.notices.count()) == (1, 1, 1)
    assert "and 5 more" in mail.outbox[0].body


def test_what_is_new_stands_before_what_is_told_again(client, olga, ways):
    catalogue(client)
    for _case in range(25):
        tell(client, won(total="1.00"))
    once()
    tell(client, won(total="2.00"))
    alerting.look()

    alerting.tell(timezone.now() + alerting.REMIND)

    newest = Case.objects.order_by("-number").first()
    assert f"#{newest.number} " in mail.outbox[-1].body.splitlines()[0]
    assert "and 6 more" in mail.outbox[-1].body


def test_parked_stalled_and_unanswered_are_told(client, db):
    catalogue(client)
    tell(client, won())
    rows = list(Delivery.objects.order_by("pk"))
    old = timezone.now() - timedelta(minutes=6)
    Delivery.objects.filter(pk=rows[0].pk).update(state="parked", answered=422)
    Delivery.objects.filter(pk=rows[1].pk).update(created_at=old)
    Delivery.objects.filter(pk=rows[2].pk).update(created_at=old, attempts=1, error="erp does not answer: ConnectError")

    kinds = {(found.kind, found.subject) for found in alerting.troubles()}

    assert kinds == {("parked", "erp.product.published.v1 crm"), ("stalled", "erp>crm"), ("down", "erp")}


def test_what_a_pause_holds_is_no_standstill(client, db):
    trouble(client)
    Delivery.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    Delivery.objects.filter(destination="crm").update(state="done", finished_at=timezone.now())

    assert {found.kind for found in alerting.troubles()} == {"case"}


def test_a_part_of_the_watch_that_stands_still_is_named(db):
    for name in watching.PARTS:
        Pulse.objects.create(name=name, at=timezone.now())
    Pulse.objects.filter(name="seal").update(at=timezone.now() - timedelta(minutes=3))

    assert watching.late_parts() == ["seal"]


@pytest.mark.django_db(transaction=True)
def test_the_watch_runs_all_its_parts(client):
    trouble(client)
    stop = threading.Event()
    runner = threading.Thread(target=watching.run, args=(stop,))
    runner.start()
    try:
        for _attempt in range(100):
            if Alert.objects.filter(told_at__isnull=False).exists() and Pulse.objects.count() == len(watching.PARTS):
                break
            stop.wait(0.1)
    finally:
        stop.set()
        runner.join(timeout=10)

    assert Alert.objects.get().told_at is not None
    assert set(Pulse.objects.values_list("name", flat=True)) == set(watching.PARTS)


# -- the archive -------------------------------------------------------------------------------------------------------


def sealed(client):
    catalogue(client)
    tell(client, won())
    chain.seal_batch(NOW)
    tell(client, won())
    chain.seal_batch(NOW)


def test_an_untouched_archive_holds(client, db, capsys):
    sealed(client)

    call_command("verify_archive")

    assert [seal.count for seal in Seal.objects.order_by("number")] == [3, 1]
    assert capsys.readouterr().out == f"2 seals hold; the head is {Seal.objects.get(number=2).head}\n"
    assert chain.seal_batch(NOW) is None


def superuser(statement):
    """Change the archive in the worst way: as superuser, with every trigger off."""
    with psycopg.connect(environment.superuser_url(connection.settings_dict["NAME"]), autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        server.execute(statement)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE hub_archived SET body = body || ' '::bytea WHERE type LIKE '%won%'",
        "UPDATE hub_archived SET body = ''::bytea WHERE type LIKE '%won%'",
        "UPDATE hub_archived SET partition_key = 'deal:1' WHERE type LIKE '%won%' AND event_id IN"
        " (SELECT event_id FROM hub_sealedevent WHERE seal_id = 1)",
        "DELETE FROM hub_archived WHERE type LIKE '%price%'",
        "DELETE FROM hub_sealedevent WHERE seal_id = 2",
        "UPDATE hub_sealedevent SET position = CASE position WHEN 1 THEN 12 WHEN 2 THEN 1 ELSE position END"
        " WHERE seal_id = 1",
        "UPDATE hub_seal SET head = repeat('a', 64) WHERE number = 1",
        "UPDATE hub_seal SET signature = 'AAAA' WHERE number = 2",
        "DELETE FROM hub_seal WHERE number = 1",
        "UPDATE hub_archived SET archived_at = archived_at - interval '1 hour' WHERE type LIKE '%won%'",
    ],
    ids=["words", "wiped", "particulars", "removed", "unlisted", "moved", "head", "signature", "seal", "time"],
)
def test_every_change_of_the_archive_shows(client, damage):
    sealed(client)

    superuser(damage)

    with pytest.raises(CommandError, match="the archive was changed"):
        call_command("verify_archive")


@pytest.mark.django_db(transaction=True)
def test_who_rewrites_the_whole_chain_cannot_sign_it(client):
    sealed(client)
    superuser("UPDATE hub_archived SET correlation_id = 'x' WHERE type LIKE '%won%'")
    first = Seal.objects.get(number=1)
    content = chain.content_of([row.event for row in first.events.order_by("position")])
    head = chain.head_of(chain.GENESIS, 1, 3, content)

    superuser(f"UPDATE hub_seal SET content = '{content}', head = '{head}' WHERE number = 1")

    assert "seal 1 is not signed by the hub" in [flaw.text for flaw in chain.verify()]


@pytest.mark.parametrize("table", ["hub_seal", "hub_sealedevent", "hub_erasure", "hub_archived"])
@pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET {column} = {column}", "TRUNCATE {} CASCADE"])
def test_the_process_may_only_add(client, db, table, verb):
    sealed(client)
    column = {"hub_seal": "number", "hub_sealedevent": "position", "hub_erasure": "reason", "hub_archived": "type"}

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(verb.format(table, column=column[table]))


def test_words_may_be_erased_for_a_reason_and_the_chain_holds(client, db):
    sealed(client)
    event = Archived.objects.filter(type="crm.deal.won.v1").first()

    chain.erase(event, "olga", "the customer asked for it")

    event.refresh_from_db()
    assert (bytes(event.body), Erasure.objects.get().by) == (b"", "olga")
    call_command("verify_archive")


@pytest.mark.django_db(transaction=True)
def test_the_owner_of_the_tables_cannot_erase_in_silence(client, as_owner):
    sealed(client)

    with pytest.raises(psycopg.DatabaseError, match="what is written there stays"):
        as_owner.execute("UPDATE hub_archived SET body = ''::bytea")


def test_an_event_in_no_seal_is_noticed_after_ten_minutes(client, db):
    sealed(client)
    assert list(chain.verify()) == []
    tell(client, won())

    real = timezone.now()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: real + timedelta(minutes=11))
        assert [flaw.text for flaw in chain.verify()] == ["1 events older than ten minutes stand in no seal"]
