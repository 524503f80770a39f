"""Manners of the REST APIs: what every viewset can."""

from typing import Any

from base.calling import JsonBody, KeysetPagination, TokenAuthentication
from base.etags import VersionMixin
from base.history_api import HistoryMixin
from base.idempotency import IdempotencyMixin
from base.parameters import KnownParametersMixin
from base.reasons import ReasonMixin

__all__ = ["ApiMixin", "IdempotencyMixin", "JsonBody", "KeysetPagination", "TokenAuthentication"]


class ApiMixin(ReasonMixin, IdempotencyMixin, VersionMixin, KnownParametersMixin, HistoryMixin):
    """What every viewset stands on: repeated calls are recognised, answers have versions, what is asked is understood,
    changes remember their reason, histories are told, and rows come through the model's `visible_to`, whatever the
    class's queryset is."""

    def get_queryset(self) -> Any:
        rows = super().get_queryset()  # type: ignore[misc]
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.visible_to(self.request.user)  # type: ignore[attr-defined]
