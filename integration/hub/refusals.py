"""What the hub's people may hear when something cannot be done."""

from django.utils.translation import gettext_lazy as _

from base.refusals import BadInput, MoveRefused, Refused


class ReasonMissing(BadInput):
    """Every decision is written down with its reason."""

    message = _("Say why: the reason is kept with the decision.")
    field = "reason"


class ReasonTooLong(BadInput):
    """More than is kept: nothing of it is cut."""

    message = _("A reason has at most {most} characters.")
    field = "reason"


class AlreadyDecided(Refused):
    """Somebody was quicker."""

    message = _("Case {number} was decided already: {choice}.")


class NotOffered(Refused):
    """This choice makes no sense here."""

    message = _("This cannot be chosen for case {number}.")


class AlreadyDelivered(Refused):
    """What has been received cannot be left out."""

    message = _("{destination} has received the event; it cannot be left out any more.")


class StillOnItsWay(Refused):
    """An attempt may be running."""

    message = _("An attempt to deliver it may still be running; try again in a few seconds.")


class NothingToErase(BadInput):
    """No event that still has words goes by that name."""

    message = _("No event that still has words is known by this id or record.")
    field = "what"


class UndecidedYet(Refused):
    """A case needs both values."""

    message = _("{about} is in dispute: decide its case first.")


class KeyMissing(BadInput):
    """To map, one must say to what."""

    message = _("Say which record is meant.")
    field = "value"


class KeyTaken(BadInput):
    """The other end of the pair belongs to another record."""

    message = _("{value} is mapped to another record already.")
    field = "value"


class KeyUnknown(BadInput):
    """To map a product, there must be such a product."""

    message = _("The ERP publishes no product {value}.")
    field = "value"


class PairContradicts(Refused):
    """One of the two is mapped to something else."""

    message = _("{why}")


class PairInUse(Refused):
    """Events have been held against it."""

    message = _("Events have named {party} since; the mapping stays.")


class CasesOpen(Refused):
    """A pause ends with its cases."""

    message = _("Decide what holds it first: {cases}.")


class SecondPersonNeeded(Refused):
    """Four eyes."""

    message = _("You asked for this yourself; a second person must confirm it.")


class PauseOver(Refused):
    """Nothing to resume."""

    message = _("This pause is over already.")


class SideAway(Refused):
    """The other side was asked and gave no answer, or said no."""

    message = _("{why}")


class UnknownTarget(BadInput):
    """There is no such record, contract or direction."""

    message = _("There is nothing called {target} to pause.")
    field = "target"


class GrantMissing(Refused):
    """Restricted facts go to granted audiences only."""

    message = _("{contract} is restricted: grant it to the {destination} first.")


class NotForThem(Refused):
    """The side is no audience of the contract, or was not granted it."""

    message = _("{contract} is not for the {destination}: nothing of it is sent there, for a trial either.")


class NotRestricted(Refused):
    """Nothing to grant."""

    message = _("{contract} is not restricted; it needs no grant.")


class WhichMissing(BadInput):
    """Several words would narrow each other, none would mean all."""

    message = _("Say which, by exactly one of event, aggregate and failure.")


__all__ = [
    "AlreadyDecided",
    "AlreadyDelivered",
    "BadInput",
    "CasesOpen",
    "GrantMissing",
    "KeyMissing",
    "KeyTaken",
    "KeyUnknown",
    "MoveRefused",
    "NotOffered",
    "NotRestricted",
    "PairContradicts",
    "PairInUse",
    "PauseOver",
    "ReasonMissing",
    "ReasonTooLong",
    "SecondPersonNeeded",
    "SideAway",
    "StillOnItsWay",
    "UnknownTarget",
    "WhichMissing",
]
