"""What e-invoicing refuses."""

from django.utils.translation import gettext_lazy as _

from base.refusals import Refused


class NotXml(Refused):
    """What came is no XML at all."""

    message = _("This is not a readable XML document: {why}")
    status = 422
    field = "file"


class Forbidden(Refused):
    """A document type definition can pull in files and blow up memory; no invoice needs one."""

    message = _("The document carries a DTD or entities. Invoices have neither; it was not read.")
    status = 422
    field = "file"


class TooLarge(Refused):
    """More than an invoice needs."""

    message = _("The document is larger than {limit} MB.")
    status = 413
    field = "file"


class NotAnInvoice(Refused):
    """XML, but of something else."""

    message = _("“{root}” is neither a UBL invoice or credit note nor a Cross Industry Invoice.")
    status = 422
    field = "file"


class NoXmlInside(Refused):
    """A PDF that only people can read."""

    message = _("The PDF carries no invoice XML (Factur-X, ZUGFeRD, XRechnung).")
    status = 422
    field = "file"


class ValueUnreadable(Refused):
    """A date or number that is none."""

    message = _("“{text}” is not a date or number as the standard writes it.")
    status = 422
    field = "file"


class RulesBroken(Refused):
    """EN 16931 says no; the first broken rule is named in the message, all of them stand in `findings`."""

    message = _("The e-invoice would break rule {rule}: {text}{more}")
    status = 422


class ReceivedAlready(Refused):
    """The same bytes, or another document of the same supplier under the same number."""

    message = _("{number} of {seller} was received on {date} already; it was not taken a second time.")
    status = 409
    field = "file"
