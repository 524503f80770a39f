"""Why somebody may see and change a ticket: who sees its account works on it."""

from crm.accounts.models import READERS
from crm.accounts.seeing import AccountAccess
from crm.accounts.ways import Hold


class TicketAccess(AccountAccess):
    """Whoever is shown a ticket may answer it."""

    changing_roles = READERS

    def changes(self, hold: Hold | None) -> bool:
        return True
