"""Tokens made for less than their user may do: what they are not made for is refused, whoever the user is."""

from typing import Any

from deploy.trials import Cases

METHODS = ("get", "post", "patch", "delete")
NO = (403, 404, 405, 415)


def walk(cases: Cases, addresses: list[str]) -> None:
    """Each address with a token that only reads, and with one that is for another area."""
    from django.apps import apps
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import resolve

    from base.scopes import area_of, areas

    # The one who may do all, so that a refusal can only be the scope's.
    owner, _new = get_user_model().objects.get_or_create(
        username="walker-of-scopes", defaults={"is_superuser": True, "is_staff": True}
    )
    tokens: Any = apps.get_model("access", "ApiToken")
    secrets = {
        scope: tokens.issue(owner, scope, scopes=[scope])[1]
        for scope in ("*:read", *(f"{area}:write" for area in areas()))
    }
    client = Client(raise_request_exception=False)
    for address in addresses:
        view = resolve(address).func
        area = area_of(view.cls)  # type: ignore[attr-defined]  # every address of the API is a viewset's
        other = next(scope for scope in secrets if not scope.startswith(("*", f"{area}:")))
        for method in METHODS:
            for scope in ("*:read", other):
                if scope == "*:read" and method == "get":
                    continue
                answer = getattr(client, method)(
                    address, data={} if method == "get" else "{}", content_type="application/json",
                    headers={"authorization": f"Bearer {secrets[scope]}"},
                )  # fmt: skip
                said = f"a token for {scope} {method.upper()} {address}: {answer.status_code}"
                cases.that(answer.status_code in NO, said)
