"""Every cause of a case in words, and what a person may choose: one table, detector by detector.

A contradiction may be settled in five ways: what the source said counts (accept), what the target holds counts (keep),
the key means another record (map), the owner's people mend it (ask), or one does without it (skip). The table offers
each of them where it means something; it is absent

* accept, for one id with two events and for a number that came again: the archive only grows and has that id and that
  number already, and the hub cannot sign for another side; the owner tells it anew, so ask;
* keep, for a missing number: nothing is held at its place, and to go on waiting is what the open case does;
* map, wherever no key is in question: a total, a state, a unit or a version names its record well enough; of a record
  that is gone (tombstone) no other one can take the name; what the sides compare goes by keys that they share;
* accept, for a comparison in which there is nothing to tell anew: of posted documents (each is told once, its owner's
  people mend it), of what the owner does not hold, and of the party's code, which is the other side's word;
* skip, for a comparison, is to go on: there is no event to leave out, and the next comparison finds it again;
* accept, keep, map and skip, for a flood and for much that is refused: no event of them is the wrong one, and what was
  refused is parked, where it is taken up again or left out one by one;
* all but going on, for the archive: no side said it, and its bytes are not mended by a decision.

For the door's three causes “skip” leaves out what was refused; its bytes stay with the case.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integration.hub.models import Case, CaseState

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it is called and what it does, in words."""

    name: str
    label: Words
    consequence: Words
    tone: str = ""
    needs_reason: bool = True


ACCEPT = Choice(
    "accept",
    _("Accept what was said"),
    _("The event is right. The hub takes it over as known and delivers it, and what waits behind it."),
    "primary",
)
KEEP = Choice(
    "keep",
    _("Keep what is held"),
    _("The event is wrong. The receiver keeps its value and gets a signed note in its place, so no number is missing."),
)
MAP = Choice(
    "map",
    _("Map the key"),
    _("You say which record is meant. The hub writes the pair down with this event as evidence, and delivers."),
    "primary",
)
ASK = Choice(
    "ask",
    _("Ask the owner to mend it"),
    _("The people of the side that said it get a task with both values. Everything of this record waits meanwhile."),
)
SKIP = Choice(
    "skip",
    _("Leave the event out"),
    _("The receiver never gets it. A signed note with your reason takes its place; the archive keeps the event."),
)
OWNERS_VALUE = Choice(
    "accept",
    _("Accept the owner's value"),
    _("The owner tells the record once more as it is now, and the other side takes that over, without any notice."),
    "primary",
)
OTHERS_VALUE = Choice(
    "keep",
    _("Keep the other side's value"),
    _(
        "Nothing is sent, each side keeps what it has. These values count as decided: the comparison opens a case "
        "again only when one of them changes."
    ),
)
MAP_PRODUCT = Choice(
    "map",
    _("Map the key"),
    _("You say which published product is meant. The hub writes it down with this event as evidence, and delivers."),
    "primary",
)
MAP_PAIR = Choice(
    "map",
    _("Map the key"),
    _(
        "You say which party the customer is. The hub writes the pair down with this event as evidence. The event is "
        "delivered if it says the same; if not, a signed note takes its place."
    ),
)
GO_ON = Choice(
    "go_on",
    _("Go on without the missing numbers"),
    _("What is missing counts as lost. The next event of this record is taken when its side sends it again."),
)
SET_ASIDE = Choice(
    "set_aside",
    _("Set the event aside"),
    _("The first event stands. The sender hears yes and goes on; the other bytes stay with this case as evidence."),
)
SKIP_LATE = Choice(
    "skip",
    _("Leave the event out as well"),
    _("What is missing counts as lost, and so does the event that came too early. The record goes on behind it."),
)
SKIP_BOTH = Choice(
    "skip",
    _("Leave both events out"),
    _(
        "Neither counts. A signed note takes the first one's place, as long as nobody has received it; the sender of "
        "the other hears yes and goes on. The archive and this case keep both."
    ),
)
RELEASE = Choice(
    "release",
    _("It is all right, go on"),
    _("The pause ends and all that waits is delivered in order."),
    "primary",
)
TELL_ANEW = Choice(
    "tell_anew",
    _("Have its owner tell it anew"),
    _("The side that owns the record tells it once more as it is now; signed notes take the place of what is too old."),
    "primary",
)
STEP_OVER = Choice(
    "step_over",
    _("Go on without what is too old"),
    _("Signed notes take the place of what cannot be told again. What the side lacks of it, it goes on lacking."),
)
RETRY = Choice(
    "retry",
    _("Try it again now"),
    _("The side that took the event tries once more to apply it. If what it waits for is still missing, a case opens."),
    "primary",
)
SKIP_THERE = Choice(
    "skip",
    _("Leave the event out"),
    _("The side never applies it. A signed note with your reason takes its place; the archive keeps the event."),
)


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened, for the list and for the head of the case."""

    title: Words
    text: Words
    choices: tuple[Choice, ...]


_EVENT = (ACCEPT, KEEP, ASK, SKIP)
# Records that their owner can tell as they are now; a document is posted once and told once.
TOLD_ANEW = ("customer:", "product:")
OTHERS_WORD = "party"  # in the customer's record the code of its party is the ERP's

CAUSES: dict[str, Cause] = {
    "id-reuse": Cause(
        _("One id, two events"),
        _("An event came with an id that the archive already has, but with other bytes."),
        (SET_ASIDE, ASK, SKIP_BOTH),
    ),
    "gap": Cause(
        _("A number is missing"),
        _("An event came before its predecessor. It closes by itself when the missing one comes."),
        (GO_ON, ASK, SKIP_LATE),
    ),
    "regress": Cause(
        _("A number came again"),
        _("A new event came with a number that the record has left behind; its side may have been restored."),
        (SET_ASIDE, ASK, SKIP_BOTH),
    ),
    "foreign-field": Cause(
        _("A field of the other side"), _("The event carries a field that only the other side may set."), _EVENT
    ),
    "stale-base": Cause(
        _("Changed an old version"), _("The change was made to a version that has been left behind."), _EVENT
    ),
    "unmapped": Cause(
        _("Nobody knows this key"), _("The event names a record that the hub has never heard of."), (MAP, *_EVENT)
    ),
    "mapped-twice": Cause(
        _("One key, two records"),
        _("A customer would have two parties, or a party two customers."),
        (ACCEPT, KEEP, MAP_PAIR, ASK, SKIP),
    ),
    "unknown-product": Cause(
        _("Unknown product"),
        _("A promise names a product that the ERP has never published."),
        (MAP_PRODUCT, *_EVENT),
    ),
    "withdrawn-product": Cause(
        _("Withdrawn product"), _("A promise names a product that the ERP has withdrawn."), _EVENT
    ),
    "renamed-product": Cause(
        _("Renamed product"), _("A promise calls a product by a name that it no longer has."), _EVENT
    ),
    "unit": Cause(_("Another unit"), _("The event counts in another unit than the product is sold in."), _EVENT),
    "currency": Cause(
        _("Another currency"), _("The event is in another currency than the record it belongs to."), _EVENT
    ),
    "total": Cause(_("Lines and total differ"), _("The parts do not add up to the sum that is given."), _EVENT),
    "state": Cause(
        _("A step that cannot follow"), _("The record's state does not allow what the event says."), _EVENT
    ),
    "tombstone": Cause(
        _("The record is gone"), _("The event is about a record that was ended or erased before."), _EVENT
    ),
    "volume": Cause(
        _("Outside its habit"),
        _("So many events of this contract in a minute have not been seen before."),
        (RELEASE, ASK),
    ),
    "reject-rate": Cause(
        _("Much is refused"), _("The receiver refuses an unusual share of what it is given."), (RELEASE, ASK)
    ),
    "reconciliation": Cause(
        _("The sides disagree"),
        _("Compared record by record, the two sides hold different values."),
        (OWNERS_VALUE, OTHERS_VALUE, ASK, RELEASE),
    ),
    "awaiting": Cause(
        _("Waits for another record"),
        _("A side took the event and cannot apply it: the record it depends on has not come there within a minute."),
        (RETRY, ASK, SKIP_THERE),
    ),
    "too-old": Cause(
        _("Too old to be told again"),
        _("A side misses events of this record that are older than what the hub tells again, or that are gone."),
        (TELL_ANEW, ASK, STEP_OVER),
    ),
    "archive": Cause(
        _("The archive was changed"), _("The chain of the archive does not hold: a sealed event is not as it was."),
        (RELEASE,),
    ),
}  # fmt: skip


def cause_of(name: str) -> Cause:
    """The cause by its name."""
    return CAUSES[name]


def choices_of(case: Case) -> list[Choice]:
    """The choices of its cause that mean something for this very case."""
    return [choice for choice in CAUSES[case.cause].choices if _means_something(choice, case)]


def _means_something(choice: Choice, case: Case) -> bool:
    if choice.name == "map":
        return bool(case.key)
    if choice is OWNERS_VALUE:
        return case.about.startswith(TOLD_ANEW) and any(_is_owners(row, case.key) for row in case.differences)
    return choice.name != "ask" or case.state == CaseState.OPEN


def _is_owners(row: dict[str, str], key: str) -> bool:
    """Does the owner hold it at all (a record that is missing goes by its key), and is it the owner's to say?"""
    return row["field"] != OTHERS_WORD and not (row["field"] == key and not row["said"])
