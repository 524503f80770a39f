"""Every cause of a case in words, and what a person may choose."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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

CAUSES: dict[str, Cause] = {
    "id-reuse": Cause(
        _("One id, two events"),
        _("An event came with an id that the archive already has, but with other bytes."),
        (SET_ASIDE, ASK),
    ),
    "gap": Cause(
        _("A number is missing"),
        _("An event came before its predecessor. It closes by itself when the missing one comes."),
        (GO_ON, ASK),
    ),
    "regress": Cause(
        _("A number came again"),
        _("A new event came with a number that the record has left behind; its side may have been restored."),
        (SET_ASIDE, ASK),
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
        _("One key, two records"), _("A customer would have two parties, or a party two customers."), _EVENT
    ),
    "unknown-product": Cause(
        _("Unknown product"), _("A promise names a product that the ERP has never published."), _EVENT
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
        _("Outside its habit"), _("So many events of this contract in a minute have not been seen before."), (RELEASE,)
    ),
    "reject-rate": Cause(
        _("Much is refused"), _("The receiver refuses an unusual share of what it is given."), (RELEASE,)
    ),
    "reconciliation": Cause(
        _("The sides disagree"), _("Compared record by record, the two sides hold different values."), (RELEASE, ASK)
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


def choice_of(cause: str, name: str) -> Choice | None:
    """The choice, when this cause offers it."""
    return next((choice for choice in CAUSES[cause].choices if choice.name == name), None)
