"""Who a session belongs to."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from base.standing import with_standing


class SessionBackend(ModelBackend):
    """Django's own, but that a session's user comes with their standing by the same statement: every page asks both."""

    def get_user(self, user_id: Any) -> Any:
        """The person, if there is one who may sign in."""
        found = with_standing(user_id)
        return found if found is not None and self.user_can_authenticate(found) else None
