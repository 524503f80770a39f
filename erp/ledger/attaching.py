"""Keeping papers with vouchers and entries: a scan, a mail, a contract."""

import hashlib
import os
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from base import context
from base.refusals import BadInput
from base.roles import require
from erp.ledger.models import Attachment, JournalEntry, Voucher
from erp.ledger.refusals import books_rules
from erp.ledger.roles import WRITERS

MOST_BYTES = 10 * 1024 * 1024
MOST_PAPERS = 20
_ZIP = (b"PK\x03\x04",)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Which kinds are kept, how they are sent, and how their bytes begin; text has no beginning of its own.
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    ".xml": ("application/xml", ()),
    ".csv": ("text/csv", ()),
    ".txt": ("text/plain", ()),
    ".eml": ("message/rfc822", ()),
}
ACCEPT = ",".join(KINDS)
MEDIA_TYPES = {media_type for media_type, _begins in KINDS.values()}


def attach(to: Voucher | JournalEntry, name: str, parts: Iterable[bytes], by: Any) -> Attachment:
    """Keep the file; the same file again is the same paper."""
    require(by, *WRITERS)
    name = os.path.basename(name.replace("\\", "/")).strip()
    body = _read(parts)
    media_type = _judged(name, body)
    owner = {"voucher": to} if isinstance(to, Voucher) else {"entry": to}
    digest = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        if known := Attachment.objects.for_list().filter(**owner, digest=digest).first():
            return known
        if Attachment.objects.filter(**owner).count() >= MOST_PAPERS:
            raise BadInput(why=_("At most {most} files are kept with it.").format(most=MOST_PAPERS), field="file")
        paper = Attachment(
            **owner, filename=name[-200:], media_type=media_type, size=len(body), digest=digest, body=body,
            added_by=(by.get_username() or context.actor.get())[:150],
        )  # fmt: skip
        try:
            with transaction.atomic():
                paper.save(force_insert=True)
        except IntegrityError:  # a rival kept the same file just now
            return Attachment.objects.for_list().get(**owner, digest=digest)
        return paper


@transaction.atomic
def take_away(paper: Attachment, by: Any) -> None:
    """From a voucher that is not posted; what is in the books keeps its papers."""
    require(by, *WRITERS)
    with books_rules():
        Attachment.objects.filter(pk=paper.pk).delete()


def _read(parts: Iterable[bytes]) -> bytes:
    read = bytearray()
    for part in parts:
        read += part
        if len(read) > MOST_BYTES:
            limit = MOST_BYTES // 2**20
            raise BadInput(why=_("The file is larger than {limit} MB.").format(limit=limit), field="file")
    if not read:
        raise BadInput(why=_("The file is empty."), field="file")
    return bytes(read)


def _judged(name: str, body: bytes) -> str:
    """How the file is sent; its name says what it is, and its bytes say the same."""
    ending = os.path.splitext(name)[1].lower()
    if ending not in KINDS:
        kinds = ", ".join(one.lstrip(".") for one in KINDS)
        raise BadInput(why=_("Such files are not kept; these are: {kinds}.").format(kinds=kinds), field="file")
    media_type, beginnings = KINDS[ending]
    if beginnings and not body.startswith(beginnings):
        raise BadInput(why=_("The file is not what its name says ({ending}).").format(ending=ending), field="file")
    if not beginnings and b"\x00" in body and not body.startswith(_UTF16):
        raise BadInput(why=_("The file is not the text that its name says."), field="file")
    return media_type
