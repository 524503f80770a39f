"""schemathesis against each side's OpenAPI document, as each of its people: no 5xx, no undocumented answer."""

from collections.abc import Iterator
from typing import Any

from deploy.environment import SIDES
from deploy.trials import Cases, own_deployment, say
from proofs._openapi import Walk, document_of
from proofs._places import PLACES

EXAMPLES = 12


def check(cases: Cases) -> None:
    """Every operation of every side by every role, with what the document allows and with what it does not."""
    with own_deployment({"API_RATE_USER": "0", "API_RATE_ANONYMOUS": "0"}) as deployment:
        for side, user in people(deployment):
            say(f"{side} as {user['role']}")
            address = deployment.api_url(side).split("/api/")[0]
            Walk(document_of(address, user["token"]), cases, address, user["token"], EXAMPLES).run(PLACES)


def people(deployment: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Every demo person of every side."""
    for side in SIDES:
        yield from ((side, user) for user in deployment.users(side))
