"""Versions of what the API shows: an ETag on every detail, `If-None-Match` to spare it, `If-Match` to guard a change.

The tag is a digest of the very answer, so it costs no query and tells of a changed line as well as of a changed head.
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from base.refusals import Refused

REPLACING = ("PUT", "PATCH", "DELETE")


class VersionChanged(Refused):
    """The caller looked at an older version; `facts.current` is the one there is."""

    message = _("This was changed since you looked at it; nothing was done. Look again, then repeat your step.")
    status = 412

    @property
    def headers(self) -> dict[str, str]:
        return {"ETag": self.facts["current"]}


class VersionRequired(Refused):
    """This deployment lets nobody overwrite what they have not seen (`API_REQUIRE_IF_MATCH`)."""

    message = _("Say with If-Match which version you saw: the ETag of your last look.")
    status = 428


def etag_of(told: Any) -> str:
    """The strong tag of an answer.

    >>> etag_of({"a": 1}) == etag_of({"a": 1}), etag_of({"a": 1}) == etag_of({"a": 2})
    (True, False)
    """
    return f'"{hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()[:32]}"'


def names(header: str, tag: str) -> bool:
    """Does an If-Match or If-None-Match header name the tag? A proxy that compresses may have marked it weak.

    >>> names('"x", W/"y"', '"y"'), names("*", '"z"'), names('"x"', '"z"')
    (True, True, False)
    """
    listed = [one.strip().removeprefix("W/") for one in header.split(",")]
    return tag in listed or "*" in listed


class VersionMixin:
    """For API views: ETag, 304, 412 and 428."""

    version_lock: str | None = ""
    """What is locked while versions are compared: the row itself, or the row that this foreign key names, because the
    domain's services lock that one first; None for records that no one may update, and so no one may lock either."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        if request.method in SAFE_METHODS or not getattr(self, "detail", False):
            return
        seen = request.headers.get("If-Match", "")
        if seen:
            verb = str(request.method).lower()
            setattr(self, verb, self._guarded(seen, getattr(self, verb, None)))
        elif settings.API_REQUIRE_IF_MATCH and request.method in REPLACING:
            raise VersionRequired()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if response.status_code in (200, 201) and self._is_whole(request, response):
            response["ETag"] = tag = etag_of(response.data)
            response["Cache-Control"] = "private, no-cache"
            wanted = request.headers.get("If-None-Match", "")
            if wanted and request.method in SAFE_METHODS and names(wanted, tag):
                response.data, response.status_code = None, 304
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]

    def _is_whole(self, request: Request, response: Any) -> bool:
        """Is this what a GET of the detail would say, so that its tag is the record's version?"""
        if not getattr(self, "detail", False) and request.method != "POST":
            return False
        shape = getattr(getattr(response, "data", None), "serializer", None)
        usual = getattr(self, "get_serializer_class", None)  # rows that are no model's have none
        return shape is not None and usual is not None and type(shape) is self._as_retrieve(usual)

    def _guarded(self, seen: str, handler: Callable[..., Response] | None) -> Callable[..., Response] | None:
        """The handler, done only if the version is still the one seen; compared under the lock."""
        if handler is None:
            return None

        def answer(request: Request, *args: Any, **kwargs: Any) -> Response:
            with transaction.atomic():
                self._lock(self._as_retrieve(self.get_object))  # type: ignore[attr-defined]
                current = etag_of(self._as_retrieve(self._look))
                if not names(seen, current):
                    raise VersionChanged(current=current)
                return handler(request, *args, **kwargs)

        return answer

    def _lock(self, record: Any) -> None:
        if self.version_lock is None:
            with connection.cursor() as cursor:
                name = f"{record._meta.db_table}:{record.pk}"
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
            return
        model, pk = type(record), record.pk
        if self.version_lock:
            model = record._meta.get_field(self.version_lock).related_model
            pk = getattr(record, f"{self.version_lock}_id")
        list(model._base_manager.select_for_update(no_key=True).filter(pk=pk).values_list("pk"))

    def _look(self) -> Any:
        return self.get_serializer(self.get_object()).data  # type: ignore[attr-defined]

    def _as_retrieve(self, ask: Callable[[], Any]) -> Any:
        action: Any = getattr(self, "action", None)
        self.action = "retrieve"
        try:
            return ask()
        finally:
            self.action = action
