"""Numbers and ids that do not follow each other; what was refused at the door is kept with its case."""

from integration.hub.detectors.base import Finding, finding


def id_reuse(event: str, said: str, held: str) -> Finding:
    """An id came back with other bytes. Pauses the record."""
    return finding("id-reuse", (f"digest of {event}", said, held), key=event)


def out_of_sequence(said: int, last: int) -> Finding | None:
    """A number is missing (gap) or comes again with another event (regress). Pauses the record."""
    if said > last + 1:
        return finding("gap", ("number", said, last + 1))
    if said <= last:
        return finding("regress", ("number", said, last + 1))
    return None
