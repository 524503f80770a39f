"""What the books do by the clock: fold the balances, seal the entries; and the proof that the seals still hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from base import context
from erp.ledger.models import Company, Seal
from erp.ledger.services import company as our_company
from integration.contracts.books import BooksSealed
from integration.outbox.emitting import emit

BATCH = 5_000


@dataclass(frozen=True)
class Broken:
    """A seal that does not hold, and why."""

    seal: str
    why: str


@dataclass
class Verified:
    """What a walk along the chain found."""

    seals: int = 0
    entries: int = 0
    unsealed: int = 0
    head: str = ""
    broken: tuple[Broken, ...] = ()


def fold(of: Company | None = None, most: int = 50_000) -> int:
    """Add what was posted since the last time to the sums of days and months; how many entries that were."""
    folded = 0
    while step := _fold_once(of or our_company(), most):
        folded += step
    return folded


@transaction.atomic
def _fold_once(of: Company, most: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.ledger_fold(%s, %s)", [of.pk, most])
        return int(cursor.fetchone()[0])


def seal(of: Company | None = None, most: int = BATCH) -> list[Seal]:
    """Seal every entry that has none yet, in batches; each head is told to the hub, which keeps it where we cannot."""
    made: list[Seal] = []
    while step := _seal_once(of or our_company(), most):
        made += step
    return made


@transaction.atomic
def _seal_once(of: Company, most: int) -> list[Seal]:
    statement = "SELECT * FROM public.ledger_seal_books(%s, %s, %s)"
    made = list(Seal.objects.raw(statement, [of.pk, most, context.actor.get()[:150]]))
    for one in made:
        emit(
            BooksSealed(
                books=of.pk,
                company=of.code,
                position=one.position,
                series=one.series,
                year=one.year,
                first=one.first_sequence,
                last=one.last_sequence,
                entries=one.entries,
                previous=one.previous,
                head=one.head,
                sealed_at=one.sealed_at,
            )
        )
    return made


def verify(of: Company | None = None, heads: dict[int, str] | None = None) -> Verified:
    """Walk the chain from its beginning and compute every head anew.

    `heads` (place in the chain → head) are what somebody outside kept, the hub's archive above all: whoever rewrote
    entries and seals together is found by them.
    """
    owner = of or our_company()
    found = Verified()
    broken: list[Broken] = []
    ends: dict[tuple[str, int], int] = {}
    for one in Seal.objects.filter(company=owner).order_by("position").iterator():
        found.seals += 1
        broken += [Broken(str(one), why) for why in _faults(one, found, ends, heads or {})]
        ends[one.series, one.year] = one.last_sequence
        found.entries += one.entries
        found.head = one.head
    for place in sorted(set(heads or {}) - set(range(1, found.seals + 1))):
        broken.append(Broken(str(place), "was told to the hub and is not there any more"))
    found.unsealed = _entries(owner) - found.entries
    found.broken = tuple(broken)
    return found


def _faults(one: Seal, before: Verified, ends: dict[tuple[str, int], int], heads: dict[int, str]) -> Iterator[str]:
    if one.position != before.seals:
        yield f"stands at place {one.position} but is number {before.seals} of the chain"
    if one.previous != before.head:
        yield "does not follow on the head before it"
    if one.first_sequence != ends.get((one.series, one.year), 0) + 1:
        yield "does not begin where the seal before it ended"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT entries, head FROM public.ledger_head(%s, %s, %s, %s, %s, %s)",
            [one.previous, one.company_id, one.series, one.year, one.first_sequence, one.last_sequence],
        )
        entries, head = cursor.fetchone()
    if entries != one.entries:
        yield f"covers {one.entries} entries, of which {entries} are there"
    elif head != one.head:
        yield "its entries are not what was sealed"
    if heads.get(one.position, one.head) != one.head:
        yield "is not the head that the hub keeps"


def _entries(of: Company) -> int:
    return of.entries.count()
