"""A call with an `Idempotency-Key` is done once; the same call again gets the first answer."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from base.refusals import BadInput, Refused
from base.whole import whole

KEY_LENGTH_MAX = 255
KEPT_HEADERS = ("Location",)
DIFFERENCES_TOLD = 20
# One round trip: whoever uses the key at the same time waits, at most ten seconds; a row that is kept no longer is
# taken over. The row is ours when it has no answer yet: others' come to light with their answers only.
_CLAIM = """
INSERT INTO access_rememberedcall AS held (user_id, key, method, path, fields, headers, created_at)
SELECT %(user)s, %(key)s, %(method)s, %(path)s, %(fields)s::jsonb, '{}', %(now)s
FROM set_config('lock_timeout', '10000ms', true) AS patience WHERE patience <> ''
ON CONFLICT (user_id, key) DO UPDATE SET
  method = CASE WHEN held.created_at < %(oldest)s THEN excluded.method ELSE held.method END,
  path = CASE WHEN held.created_at < %(oldest)s THEN excluded.path ELSE held.path END,
  fields = CASE WHEN held.created_at < %(oldest)s THEN excluded.fields ELSE held.fields END,
  status = CASE WHEN held.created_at < %(oldest)s THEN NULL ELSE held.status END,
  headers = CASE WHEN held.created_at < %(oldest)s THEN excluded.headers ELSE held.headers END,
  body = CASE WHEN held.created_at < %(oldest)s THEN NULL ELSE held.body END,
  created_at = CASE WHEN held.created_at < %(oldest)s THEN excluded.created_at ELSE held.created_at END
RETURNING id, status, set_config('lock_timeout', '0', true)
"""
_AGREED = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"
_KEEP = """
UPDATE access_rememberedcall SET status = %s, headers = %s::jsonb, body = %s::jsonb WHERE id = %s
"""


class RepeatedKey(Refused):
    """The same Idempotency-Key came with another request; `facts.differs` names what is not the same."""

    message = _("This Idempotency-Key was used for another call; what differs: {differs}.")
    status = 409


class IdempotencyMixin:
    """For API views: any unsafe method may carry a key; the answer is kept for `IDEMPOTENCY_KEPT_DAYS` days.

    The key belongs to the user, whether they come by a token or a session. Its row is written first and in the same
    transaction as the effect, so that of two rivals one waits for the other. Only successes are remembered: after a
    refusal the caller may mend the request and use the key again.
    """

    told_once: tuple[str, ...] = ()  # secrets of the answer, which are not kept: a repeated call gets null there
    # Is each unsafe method a single verb? Refused, nothing of the call stays, so the verb needs no savepoint in it.
    one_verb = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method in SAFE_METHODS:
            return
        if len(key) > KEY_LENGTH_MAX or not key.isprintable():
            raise BadInput(
                why=_("An Idempotency-Key has at most {n} printable characters.").format(n=KEY_LENGTH_MAX),
                field="Idempotency-Key",
            )
        verb = str(request.method).lower()
        setattr(self, verb, _once(key, getattr(self, verb, None), self.told_once, self.one_verb))


def _once(
    key: str, handler: Callable[..., Response] | None, told_once: tuple[str, ...], one_verb: bool
) -> Callable[..., Response] | None:
    """The handler, done at most once for this key."""
    if handler is None:
        return None

    def answer(request: Request, *args: Any, **kwargs: Any) -> Response:
        with whole() if one_verb else transaction.atomic():
            call, replayed = _remember(request, key)
            if replayed is not None:
                return replayed
            response = handler(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
                return response
            body = json.loads(json.dumps(response.data, default=str))
            body = {**body, **dict.fromkeys(told_once)} if told_once and body else body
            headers = {name: response[name] for name in KEPT_HEADERS if name in response}
            _keep(call, response.status_code, headers, body)
        return response

    return answer


def _remember(request: Request, key: str) -> tuple[Any, Response | None]:
    """The key's row, ours to fill, or the answer it already has."""
    model: Any = apps.get_model("access", "RememberedCall")
    now = timezone.now()
    method, path, fields = request.method, request.path[:500], fields_of(request.data)
    facts = {
        "method": method,
        "path": path,
        "fields": json.dumps(fields),
        "user": request.user.pk,
        "key": key,
        "now": now,
        "oldest": now - timedelta(days=settings.IDEMPOTENCY_KEPT_DAYS),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, facts)
        pk, status, _patience = cursor.fetchone()
    if status is None:
        return model(pk=pk), None
    call = model.objects.get(pk=pk)
    if differs := _differences(call, {"method": method, "path": path, "fields": fields}):
        raise RepeatedKey(differs=", ".join(differs))
    return call, Response(call.body, status=call.status, headers={**call.headers, "Idempotent-Replay": "true"})


def _keep(call: Any, status: int, headers: dict[str, str], body: Any) -> None:
    """What the handler answered, once the database has agreed to all of it."""
    with connection.cursor() as cursor:
        cursor.execute(_AGREED)
        cursor.execute(_KEEP, [status, json.dumps(headers), None if body is None else json.dumps(body), call.pk])


def _differences(call: Any, told: dict[str, Any]) -> list[str]:
    names = [name for name in ("method", "path") if getattr(call, name) != told[name]]
    if not call.fields:  # remembered before fields were
        return names
    before, now = call.fields, told["fields"]
    changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    more = [f"… ({len(changed) - DIFFERENCES_TOLD})"] if len(changed) > DIFFERENCES_TOLD else []
    return names + [name or "body" for name in changed[:DIFFERENCES_TOLD]] + more


def fields_of(data: Any) -> dict[str, str]:
    """A short digest per leaf of a request, so that a difference can be named and no content is kept.

    >>> sorted(fields_of({"name": "Chai", "lines": [{"sku": "A"}]}))
    ['lines.0.sku', 'name']
    """
    return {path: hashlib.sha256(leaf).hexdigest()[:16] for path, leaf in _leaves(data, "")}


def _leaves(data: Any, path: str) -> Iterator[tuple[str, bytes]]:
    if hasattr(data, "lists"):  # a form's fields, each with all its values
        data = {name: values if len(values) > 1 else values[0] for name, values in data.lists()}
    if isinstance(data, dict) and data:
        for name, inner in data.items():
            yield from _leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(data, list) and data:
        for index, inner in enumerate(data):
            yield from _leaves(inner, f"{path}.{index}".lstrip("."))
    elif isinstance(data, UploadedFile):
        yield path, b"".join(data.chunks())
        data.seek(0)
    else:
        yield path, json.dumps(data, default=str).encode()


def purge() -> int:
    """Forget answers older than they are kept; how many."""
    oldest = timezone.now() - timedelta(days=settings.IDEMPOTENCY_KEPT_DAYS)
    forgotten, _by_model = apps.get_model("access", "RememberedCall").objects.filter(created_at__lt=oldest).delete()
    return forgotten
