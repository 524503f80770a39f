"""From this side's outbox to the hub."""

from collections.abc import Sequence

from django.conf import settings

from integration.courier import Circuit, Parcel, carry
from integration.lanes import Outcome, Work
from integration.outbox.models import Message
from integration.signing import seal


def sender(circuit: Circuit) -> Work:
    """How a lane worker treats messages."""
    route = f"{settings.SIDE}>integration"

    def send(messages: Sequence[Message]) -> list[Outcome]:
        parcels = [
            Parcel(seal(bytes(message.body)), message.aggregate, route, message.position, message.attempts)
            for message in messages
        ]
        return [carried.outcome for carried in carry(parcels, "integration", circuit)]

    return send
