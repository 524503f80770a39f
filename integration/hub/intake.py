"""Taking an event in: archive it, check it for conflicts, and put it on its routes, all in one transaction."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from integration.barrier import pass_barrier
from integration.events import Event, parse_event
from integration.hub import judging, resigning
from integration.hub.chain import archive
from integration.hub.detectors import Finding
from integration.hub.detectors.sequence import id_reuse, out_of_sequence
from integration.hub.models import Archived, Phase, Quarantined, Route, SetAside, Stream
from integration.hub.observing import observe
from integration.hub.telling import deliver
from integration.receive import Brought, DeliveryRefused, one_by_one, receive
from integration.receive import Delivery as Received


@csrf_exempt  # the caller proves itself by signature, not by cookie
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """Take one event, or a batch, from a side."""
    return receive(request, one_by_one(accept, pass_barrier), witness=quarantine)


def quarantine(refusal: DeliveryRefused, brought: Brought) -> None:
    """Keep what was refused where the operator sees it; the newest thousand are enough. A conflict becomes a case."""
    sender = refusal.received.event.side if isinstance(refusal, Disputed) else brought.sender
    event, _contract = brought.event
    told = f"{refusal.text} · {event}" if event else refusal.text  # so that two that are refused alike are two
    row = Quarantined.objects.create(sender=sender, status=refusal.status, code=refusal.code, reason=told[:2000])
    Quarantined.objects.filter(pk__lte=row.pk - 1000).delete()
    if isinstance(refusal, Disputed):
        received = refusal.received
        judging.open_refused(refusal.finding, received.event, received.hop.envelope.body, received.digest)


class Disputed(DeliveryRefused):
    """Refused because it contradicts the archive: the sender hears why, and a person decides."""

    def __init__(self, code: str, text: str, finding: Finding, received: Received) -> None:
        super().__init__(409, code, text)
        self.finding, self.received = finding, received


# Locks the aggregate's row, and looks whether the event is here; a rival that was waited for is not seen by that look.
_OPEN = """INSERT INTO hub_stream AS stream (source, partition_key, last, checked, disputed)
VALUES (%s, %s, 0, 0, false)
ON CONFLICT (source, partition_key) DO UPDATE SET last = stream.last
RETURNING last, disputed, (SELECT digest FROM hub_archived WHERE event_id = %s)"""


def accept(received: Received) -> bool:
    """Archive the event and send it on, in the caller's transaction; False when it was here already.

    The hub sees every event of a side, so it checks that none is missing. A conflict holds the event's deliveries from
    the moment it is archived.
    """
    event = received.event
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [event.side, event.partition_key, event.id])
        last, disputed, known = cursor.fetchone()
        if known is None and event.aggregate_seq != last + 1:
            known = Archived.objects.filter(pk=event.id).values_list("digest", flat=True).first()
        if known == received.digest:
            resigning.note(received)
            return False
        if (known is not None or event.aggregate_seq != last + 1) and _is_set_aside(received, last):
            return False
        if known is not None:
            raise Disputed(
                "id-reused",
                f"{event.id} came before with other bytes",
                id_reuse(str(event.id), received.digest, known),
                received,
            )
        if event.aggregate_seq <= last and _is_told_again(event):
            return False
        if (found := out_of_sequence(event.aggregate_seq, last)) is not None:
            wanted = f"expected {last + 1} of {event.partition_key}, got {event.aggregate_seq}"
            raise Disputed("sequence-gap", wanted, found, received)
        archived = archive(received.hop.envelope, event, received.digest)
        cursor.execute(
            """UPDATE hub_stream SET last = %s, checked = CASE WHEN disputed THEN checked ELSE %s END
               WHERE source = %s AND partition_key = %s""",
            [event.aggregate_seq, event.aggregate_seq, event.side, event.partition_key],
        )
    routes = list(Route.objects.filter(contract=archived.type).exclude(phase=Phase.OFF))
    _look(received, archived, disputed, bool(routes))
    for route in routes:
        if route.phase == Phase.ON:
            deliver(archived, route)
        else:
            observe(archived, route)
    return True


def _look(received: Received, archived: Archived, disputed: bool, travels: bool) -> None:
    """A record in dispute waits as a whole; any other event is checked, learnt from and mapped."""
    event, fact = received.event, received.fact
    if disputed:
        judging.fill_gap(event.side, event.partition_key, event.aggregate_seq)
        return
    if judging.judge(event, fact, archived, travels) is not None:
        judging.mark_unchecked(event.side, event.partition_key, event.aggregate_seq)


def _is_told_again(event: Event) -> bool:
    """Is it word for word the fact that already has this number? A side restored from a backup takes in again what it
    had forgotten, and comes to tell anew what followed from it: that is no second fact."""
    held = Archived.objects.filter(
        source=event.side, partition_key=event.partition_key, aggregate_seq=event.aggregate_seq, type=event.type
    ).exclude(body=b"")
    return any(parse_event(bytes(archived.body)).data == event.data for archived in held)


def _is_set_aside(received: Received, last: int) -> bool:
    """A person has decided to do without these bytes: the sender hears yes, and their number counts as used."""
    if not SetAside.objects.filter(digest=received.digest).exists():
        return False
    event = received.event
    if event.aggregate_seq == last + 1:
        Stream.objects.filter(source=event.side, partition_key=event.partition_key).update(last=last + 1)
    return True
