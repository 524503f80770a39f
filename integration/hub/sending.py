"""From the hub's archive to the sides: the very bytes and the very signature of the owner, in a fresh hop."""

import base64
from collections.abc import Callable

from integration.courier import Circuits, carry
from integration.hub.models import Delivery
from integration.lanes import Outcome
from integration.signing import Envelope


def sender(circuits: Circuits) -> Callable[[Delivery], Outcome]:
    """How a lane worker treats one delivery."""

    def send(delivery: Delivery) -> Outcome:
        event = delivery.event
        outcome, status = carry(
            Envelope(bytes(event.body), event.keyid, base64.b64decode(event.signature)),
            to=delivery.destination,
            route=delivery.direction,
            routeseq=delivery.position,
            attempt=delivery.attempts,
            circuits=circuits,
            mode=delivery.mode,
        )
        if status is not None and status != delivery.answered:
            Delivery.objects.filter(pk=delivery.pk).update(answered=status)
        return outcome

    return send
