from base.access import ApiTokenBase, RateCountBase, RememberedCallBase, SideUser
from base.account.sessions import SignInBase
from base.exchange.models import ImportBase, ImportedRowBase, ImportMappingBase
from base.jobs import JobBase
from base.listing.saved import BulkChangeBase, SavedViewBase
from base.notices import NoticeBase
from base.recording import HistoricalRecords


class User(SideUser):
    """Somebody who may sign in here; the other sides have never heard of them."""

    history = HistoricalRecords(excluded_fields=["password", "last_login"])


class ApiToken(ApiTokenBase):
    """A key for a program that acts as a user here."""


class RememberedCall(RememberedCallBase):
    """An answer given to an Idempotency-Key."""


class Notice(NoticeBase):
    """What somebody here was told."""


class Job(JobBase):
    """Long work that somebody here started."""


class SavedView(SavedViewBase):
    """How somebody, or the team, looks at a list."""


class BulkChange(BulkChangeBase):
    """What was done to many rows at once, so that it can be taken back."""


class SignIn(SignInBase):
    """A browser that somebody here is signed in with."""


class RateCount(RateCountBase):
    """Calls of one caller in one minute."""


class Import(ImportBase):
    """A file that becomes records here."""


class ImportedRow(ImportedRowBase):
    """What became of one row of such a file."""


class ImportMapping(ImportMappingBase):
    """Which column was which field, last time."""
