"""Papers behind the books: files that are kept with a voucher or an entry."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from base.fields import uuid7_pk
from base.visible import VisibleQuerySet
from erp.ledger.roles import READERS


class AttachmentQuerySet(VisibleQuerySet):
    """Words about attachments."""

    def for_list(self) -> Self:
        """Without their bytes."""
        return self.defer("body")

    def of_entry(self, entry: Any) -> Self:
        """The entry's own, and those of the voucher that it was."""
        return self.filter(Q(entry=entry) | Q(voucher__entry=entry))


class Attachment(models.Model):
    """A file with who kept it and when; it stays once its voucher is posted, and always with an entry.

    Its bytes are in the database, so that they are backed up with the books and go where these go.
    """

    READERS = READERS

    id = uuid7_pk()
    voucher = models.ForeignKey(
        "ledger.Voucher", models.PROTECT, null=True, related_name="attachments", verbose_name=_("voucher")
    )
    entry = models.ForeignKey(
        "ledger.JournalEntry", models.PROTECT, null=True, related_name="attachments", verbose_name=_("entry")
    )
    filename = models.CharField(_("file"), max_length=200)
    media_type = models.CharField(_("kind"), max_length=100)
    size = models.PositiveIntegerField(_("bytes"))
    digest = models.CharField(max_length=64, help_text=_("SHA-256 of the file"))
    body = models.BinaryField()
    added_by = models.CharField(_("kept by"), max_length=150, blank=True, default="")
    added_at = models.DateTimeField(_("kept"), default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(voucher__isnull=False, entry=None) | Q(voucher=None, entry__isnull=False),
                name="attachment_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=10 * 1024 * 1024), name="attachment_size_within"),
            models.UniqueConstraint(fields=["voucher", "digest"], name="attachment_of_voucher_once"),
            models.UniqueConstraint(fields=["entry", "digest"], name="attachment_of_entry_once"),
        ]

    def __str__(self) -> str:
        return self.filename
