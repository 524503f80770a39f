from django.db import models
from django.utils.translation import gettext_lazy as _

from base.visible import VisibleQuerySet
from integration.lanes import QueuedRow, queue_indexes
from integration.leases import LaneLease, LaneMember
from integration.rights import WIRE_READERS

__all__ = ["LaneLease", "LaneMember", "Message", "Stream"]


class Stream(models.Model):
    """The last number given to an aggregate's events; its row lock keeps them contiguous.

    `correlation_id` is the chain that an order, deal or return began in: who acts on it later goes on in that chain.
    `told_at` is the time of the last event; none of the aggregate is told with an earlier one.
    """

    aggregate = models.CharField(max_length=300, primary_key=True)
    last = models.BigIntegerField(default=0)
    correlation_id = models.CharField(max_length=64, default="", db_default="")
    told_at = models.DateTimeField(null=True)


class Message(QueuedRow):
    """One event this side tells; `body` holds the very bytes that are signed and sent."""

    id = models.UUIDField(primary_key=True, editable=False)
    type = models.CharField(_("type"), max_length=100)
    correlation_id = models.CharField(max_length=64, blank=True, default="")
    body = models.BinaryField()
    created_at = models.DateTimeField(_("told"), auto_now_add=True)

    READERS = WIRE_READERS
    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing event")
        verbose_name_plural = _("outgoing events")
        constraints = [models.UniqueConstraint(fields=["aggregate", "position"], name="outbox_contiguous")]
        indexes = queue_indexes("outbox")

    def __str__(self) -> str:
        return f"{self.type} {self.id}"
