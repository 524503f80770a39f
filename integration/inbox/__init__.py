"""What this side was told: stored first, then applied in order, the row and its effect in one transaction."""

from integration.inbox.handling import Awaiting, EventMeta, handles

__all__ = ["Awaiting", "EventMeta", "handles"]
