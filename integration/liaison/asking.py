"""A question from the hub to a side and its answer, both signed as hops are, both good for five minutes."""

import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from base.addresses import client_address
from base.ids import uuid7
from integration.events import BadEvent, strict_json
from integration.signing import BadSignature, check_hop, hop_headers

log = logging.getLogger(__name__)

MAX_BYTES = 40 * 1024 * 1024
SECONDS = 60.0

Ask = Callable[..., dict[str, Any]]
"""Who asks a side: `ask`, or who stands in for the sides in a trial."""


class NoAnswer(Exception):
    """The side is away, or says no; the text says why, for the operator."""


def ask(side: str, question: str, timeout: float = SECONDS, **told: Any) -> dict[str, Any]:
    """Ask a side; its answer, or NoAnswer."""
    body = json.dumps({"from": settings.SIDE, "to": side, "ask": question, "told": told}).encode()
    url = f"{settings.PEERS[side].rstrip('/')}/asks"
    try:
        response = httpx.post(
            url, content=body, headers=hop_headers(body, str(uuid7())), timeout=timeout, trust_env=False
        )
    except httpx.HTTPError as fault:
        raise NoAnswer(f"{side} does not answer: {type(fault).__name__}") from None
    if response.status_code != 200:
        raise NoAnswer(f"{side} says no ({response.status_code}): {response.text[:300]}")
    try:
        check_hop(response.content, response.headers, (side,))
        answer = json.loads(response.content)
    except (BadSignature, ValueError) as fault:
        raise NoAnswer(f"the answer of {side} does not hold: {fault}") from None
    if answer.get("to") != settings.SIDE or answer.get("ask") != question:
        raise NoAnswer(f"{side} answered another question")
    told_back: dict[str, Any] = answer["told"]
    return told_back


@csrf_exempt  # the caller proves itself by signature, not by cookie
@require_POST
def asks(request: HttpRequest) -> HttpResponse:
    """Answer the hub."""
    from integration.liaison.answers import ANSWERS, BadQuestion  # models need the app registry

    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return _refuse(request, 413, "too-large", f"a question has at most {MAX_BYTES} bytes")
    try:
        check_hop(body, request.headers, ("integration",))
    except BadSignature as fault:
        return _refuse(request, 401, "unauthorised", str(fault))
    try:
        question = strict_json(body)
        name, told = question["ask"], question["told"]
        if question["to"] != settings.SIDE or question["from"] != "integration" or not isinstance(told, dict):
            return _refuse(request, 422, "not-for-us", "", "integration")
        answer = ANSWERS[name](told)
    except (BadEvent, BadQuestion, KeyError, TypeError, ValueError) as fault:
        return _refuse(request, 422, "bad-question", str(fault), "integration")
    except DatabaseError:
        log.exception("a question could not be answered")
        return _no(503, "away")
    said = json.dumps({"from": settings.SIDE, "to": "integration", "ask": name, "told": answer}).encode()
    response = HttpResponse(said, content_type="application/json")
    for header, value in hop_headers(said, str(uuid7())).items():
        response[header] = value
    return response


def _refuse(request: HttpRequest, status: int, code: str, reason: str, signed_by: str = "") -> HttpResponse:
    """A no that this side's admins find among what was refused at its door; a 401 says nothing more."""
    from integration.inbox import door  # models need the app registry

    log.warning("refused a question: %s %s", code, reason)
    try:
        door.keep(door.QUESTIONS, status, code, reason, signed_by, client_address(request))
    except DatabaseError as fault:
        log.warning("a refusal could not be noted: %s", str(fault).strip()[:200])
    return _no(status, code, "" if status == 401 else reason)


def _no(status: int, code: str, detail: str = "") -> HttpResponse:
    body = {"type": f"/problems/{code}", "title": code, "status": status, "code": code}
    if detail:
        body["detail"] = detail[:300]
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")
