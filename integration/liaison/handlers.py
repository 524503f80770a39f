"""What the hub says that concerns the people of this side."""

from integration.contracts.hub import AmendmentRequested
from integration.inbox import EventMeta, handles
from integration.liaison import services


@handles(AmendmentRequested)
def amendment_requested(event: AmendmentRequested, meta: EventMeta) -> None:
    services.hear_request(event, meta.time)
