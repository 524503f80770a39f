"""Why somebody may see and change a deal: it is seen with its account, and changed by whoever answers for it."""

from collections.abc import Iterable

from crm.accounts.seeing import AccountAccess
from crm.accounts.ways import Hold
from crm.pipeline.models import APPROVERS


class DealAccess(AccountAccess):
    """Managers change every deal, a rep their own, their people's and nobody's; agents only read."""

    changing_roles = APPROVERS

    def changed_by_roles(self, roles: Iterable[str]) -> bool:
        return super().changed_by_roles(roles) or (self.record.owner_id is None and "rep" in roles)

    def changes(self, hold: Hold | None) -> bool:
        ones_own = hold is not None and hold.url == self.record.get_absolute_url()
        return self.record.owner_id is None or ones_own
