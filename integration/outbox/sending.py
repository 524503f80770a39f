"""From this side's outbox to the hub."""

from collections.abc import Callable

from django.conf import settings

from integration.courier import Circuits, carry
from integration.lanes import Outcome
from integration.outbox.models import Message
from integration.signing import seal


def sender(circuits: Circuits) -> Callable[[Message], Outcome]:
    """How a lane worker treats one message."""

    def send(message: Message) -> Outcome:
        outcome, _status = carry(
            seal(bytes(message.body)),
            to="integration",
            route=f"{settings.SIDE}>integration",
            routeseq=message.position,
            attempt=message.attempts,
            circuits=circuits,
        )
        return outcome

    return send
