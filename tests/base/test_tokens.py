"""Tokens: made by their user, narrowed by scopes, ended by date or by hand."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from base.tokens import services
from base.tokens.services import TooManyTokens
from tests.crm.makers import account, user

pytestmark = pytest.mark.django_db


def with_token(secret):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def made(*scopes, by="rep", days=30):
    return services.create_token(user(by), "shop", scopes, days)


@pytest.mark.parametrize(
    ("scopes", "read", "write", "foreign"),
    [
        (("*:write",), 200, 201, 200),
        (("*:read",), 200, 403, 200),
        (("accounts:read",), 200, 403, 403),
        (("accounts:write",), 200, 201, 403),
        (("tickets:write",), 403, 403, 200),
    ],
)
def test_a_scope_opens_its_area_only(scopes, read, write, foreign):
    _token, secret = made(*scopes)
    program = with_token(secret)

    assert program.get("/api/v1/accounts/").status_code == read
    assert program.post("/api/v1/accounts/", {"name": "Alfreds"}).status_code == write
    assert program.get("/api/v1/tickets/").status_code == foreign


def test_a_missing_scope_is_named():
    _token, secret = made("accounts:read")

    answer = with_token(secret).post("/api/v1/accounts/", {"name": "x"})

    assert answer.json()["facts"] == {"scope": "accounts:write"}
    assert answer["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="accounts:write"'


def test_a_token_never_exceeds_its_user():
    _token, secret = made("*:write", by="agent")
    mine = account()

    assert with_token(secret).get("/api/v1/deals/").status_code == 200
    assert with_token(secret).post("/api/v1/deals/", {"account": str(mine.pk), "title": "x"}).status_code == 403


@pytest.mark.parametrize("end", ["expired", "revoked", "user gone", "made up"])
def test_a_dead_token_is_401(end):
    token, secret = made("*:write")
    if end == "expired":
        apps.get_model("access", "ApiToken").objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "revoked":
        services.revoke_token(token)
    elif end == "user gone":
        token.user.is_active = False
        token.user.save()

    answer = with_token("x" if end == "made up" else secret).get("/api/v1/accounts/")

    assert (answer.status_code, answer["WWW-Authenticate"], answer["Content-Type"]) == (
        401, "Bearer", "application/problem+json",
    )  # fmt: skip


def test_a_token_made_before_scopes_were_keeps_its_full_reach():
    token, _secret = apps.get_model("access", "ApiToken").issue(user("rep"), "demo")

    assert (token.scopes, token.expires_at) == (["*:write"], None)


def test_over_the_api_a_token_is_made_shown_once_used_and_ended():
    _token, secret = made("*:write")
    program = with_token(secret)

    new = program.post("/api/v1/tokens/", {"name": "report", "scopes": ["accounts:read"], "days": 7})
    again = with_token(new.json()["secret"]).get("/api/v1/accounts/")
    listed = program.get("/api/v1/tokens/").json()["results"]
    gone = program.delete(f"/api/v1/tokens/{new.json()['id']}/")

    assert (new.status_code, again.status_code, gone.status_code) == (201, 200, 204)
    assert [(row["name"], "secret" in row) for row in listed] == [("report", False), ("shop", False)]
    assert with_token(new.json()["secret"]).get("/api/v1/accounts/").status_code == 401


def test_the_secret_is_not_kept_for_repeated_calls():
    _token, secret = made("*:write")
    program, told = with_token(secret), {"name": "report", "scopes": ["accounts:read"], "days": 7}

    first = program.post("/api/v1/tokens/", told, headers={"Idempotency-Key": "k1"})
    again = program.post("/api/v1/tokens/", told, headers={"Idempotency-Key": "k1"})

    assert first.json()["secret"]
    assert again.json() == {**first.json(), "secret": None}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"scopes": ["accounts:write"]}, 403),
        ({"scopes": ["*:read"]}, 403),
        ({"days": 60}, 403),
        ({"days": 366}, 422),
        ({"days": 0}, 422),
        ({"scopes": []}, 422),
        ({"scopes": ["books:write"]}, 422),
        ({"name": ""}, 422),
    ],
)
def test_a_token_cannot_make_a_wider_one_nor_a_senseless_one(told, status):
    _token, secret = made("accounts:read", "tokens:write")

    asked = {"name": "child", "scopes": ["accounts:read"], "days": 30, **told}

    assert with_token(secret).post("/api/v1/tokens/", asked).status_code == status


def test_nobody_sees_or_ends_another_persons_token():
    theirs, _secret = made("*:write", by="agent")
    _token, secret = made("*:write")
    page = Client()
    page.force_login(user("rep"))

    assert with_token(secret).get(f"/api/v1/tokens/{theirs.pk}/").status_code == 404
    assert with_token(secret).delete(f"/api/v1/tokens/{theirs.pk}/").status_code == 404
    assert page.post(f"/tokens/{theirs.pk}/revoke/").status_code == 404


def test_fifty_tokens_are_enough():
    for _ in range(services.LIVE_MAX):
        made("*:read")

    with pytest.raises(TooManyTokens):
        made("*:read")


def test_the_page_shows_the_secret_once_and_revokes():
    page = Client()
    page.force_login(user("rep"))

    answer = page.post("/tokens/", {"name": "shop", "days": "30", "reach": "", "area_accounts": "read"})
    secret = answer.context["secret"]

    assert with_token(secret).get("/api/v1/accounts/").status_code == 200
    assert secret in answer.content.decode()
    assert secret not in page.get("/tokens/").content.decode()
    assert answer.context["token"].scopes == ["accounts:read"]

    page.post(f"/tokens/{answer.context['token'].pk}/revoke/")

    assert with_token(secret).get("/api/v1/accounts/").status_code == 401


def test_the_page_asks_for_a_purpose_and_a_known_life():
    page = Client()
    page.force_login(user("rep"))

    answer = page.post("/tokens/", {"name": "", "days": "4000", "reach": ""})

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "days"}
    assert not apps.get_model("access", "ApiToken").objects.exists()


def test_the_documents_page_brings_its_own_scripts():
    page = Client()
    page.force_login(user("rep"))

    answer = page.get("/api/docs/")

    assert answer.status_code == 200
    assert "swagger-ui-bundle.js" in answer.content.decode()
    assert "http" not in answer.content.decode().split("swagger-ui-bundle.js")[0].split("<script")[-1]
