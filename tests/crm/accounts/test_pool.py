"""The public pool: what everybody may know of it, who may claim, how much, and what falls back by the clock."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from base.refusals import BadInput, NotFound
from crm.access import services as teams
from crm.access.models import Team
from crm.accounts import idle, merging, pool
from crm.accounts import services as accounts
from crm.accounts.idle import Swept
from crm.accounts.models import Account, Contact, PoolAccount, PoolPolicy, PoolStay, PoolWarning
from crm.accounts.pool import ClaimsSpent, GivenUpLately, LiesInPool, StillBusy
from crm.accounts.services import AccountOfAnother, OwnedAlready
from crm.activities import services as activities
from crm.activities.models import Entry
from crm.leads import matching
from crm.offline.reports import pack
from crm.pipeline import services as pipeline
from crm.pipeline.models import Deal, DealOrder
from crm.tickets import services as tickets
from crm.tickets.models import Ticket
from tests.crm.makers import account, deal, offered, user
from tests.crm.tickets.makers import ticket

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
PHONE, MAIL = "+49 30 0074321", "maria@alfreds.example"


def rep(name):
    return user("rep", name=name)


def browser(somebody):
    made = Client()
    made.force_login(somebody)
    return made


def api(somebody):
    made = APIClient()
    made.force_login(somebody)
    return made


def owned(name="Alfreds", by="anna", **more):
    return account(name, owner=rep(by), **more)


def pooled(name="Alfreds", by="anna", **more):
    """An account that Anna gave back."""
    told = {"phone": PHONE, "email": MAIL, "city": "Berlin", "contacts": [{"name": "Maria Anders", "phone": PHONE}]}
    made = owned(name, by, **{**told, **more})
    return pool.give_back(made, "no_time", by=made.owner)


# ---- what everybody may know


def test_what_somebody_gave_up_is_known_and_not_seen_until_it_is_claimed():
    one = pooled()
    activities.note(one, "Wants a discount", by=user("manager"))
    ben = rep("ben")

    assert list(PoolAccount.objects.visible_to(ben)) == [PoolAccount.objects.get()]
    assert not Account.objects.visible_to(ben).exists()
    assert not Contact.objects.visible_to(ben).exists()
    assert not one.writable_by(ben)
    assert not Account.objects.writable_by(ben).exists()

    pool.claim(one.pk, ben)

    assert Account.objects.visible_to(ben).get().owner == ben
    assert Contact.objects.visible_to(ben).get().name == "Maria Anders"


def test_no_door_tells_how_to_reach_them():
    one, ben = pooled(), rep("ben")
    page, calls = browser(ben), api(ben)
    doors = {
        "pool": page.get("/accounts/pool/"),
        "all columns": page.get("/accounts/pool/?columns=name,phone,email,had_by,why"),
        "card": page.get(f"/accounts/pool/{one.pk}/"),
        "old address": page.get(f"/accounts/{one.pk}/", follow=True),
        "found": page.get("/search/hits/?q=alfreds"),
        "api": calls.get("/api/v1/pool/"),
        "api of one": calls.get(f"/api/v1/pool/{one.pk}/"),
        "history": page.get(f"/history/accounts.poolaccount/{one.pk}/"),
        "api of its history": calls.get(f"/api/v1/pool/{one.pk}/history/"),
    }
    told = {door: answer.content.decode() for door, answer in doors.items()}
    told["export"] = b"".join(page.get("/lists/pool/export/csv/?columns=name,phone,email")).decode()

    assert {door for door, answer in doors.items() if answer.status_code != 200} == set()
    assert {door for door, text in told.items() if "Alfreds" not in text} == set()
    assert {door for door, text in told.items() if "4321" in text or MAIL in text or "Anders" in text} == set()
    assert "••• 21" in told["card"]
    for path in (f"/api/v1/accounts/{one.pk}/", f"/api/v1/contacts/{one.contacts.get().pk}/"):
        assert calls.get(path).status_code == 404
    assert calls.get(f"/api/v1/timeline/?account={one.pk}").json()["results"] == []
    assert one.name not in str(pack(ben))


@pytest.mark.parametrize("asked", ["0074321", "maria", "Anders", "4321"])
def test_the_pool_cannot_be_searched_for_what_it_masks(asked):
    pooled()

    assert list(PoolAccount.objects.visible_to(rep("ben")).matching(asked)) == []
    assert api(rep("ben")).get(f"/api/v1/pool/?q={asked}").json()["results"] == []


def test_who_serves_everybody_sees_it_whole_and_a_deal_of_ones_own_is_a_way_in():
    one = owned()
    deal(of=one, by=rep("ben"), owner=rep("ben"))
    accounts.update_account(one, owner=None)

    assert Account.objects.visible_to(user("agent")).get() == one
    assert Account.objects.visible_to(rep("ben")).get() == one
    assert not Account.objects.get().writable_by(rep("ben"))
    assert not Account.objects.visible_to(rep("carla")).exists()


def test_nobody_without_a_role_knows_the_pool():
    pooled()

    assert not PoolAccount.objects.visible_to(user(name="stranger")).exists()
    assert browser(user(name="stranger")).get("/accounts/pool/").status_code == 403


def test_whoever_types_a_company_of_the_pool_is_led_to_it():
    one = pooled()

    match = matching.find(rep("ben"), matching.Known.of(company="Alfreds"))[0]

    assert (match.seen, match.name, match.url) == (True, "Alfreds", f"/accounts/{one.pk}/")


def test_filters_of_the_pool():
    pooled(city="Berlin", country="Germany", industry="Food")
    account("Fresh", city="Graz", country="Austria")
    asked = {
        "country=Austria": ["Fresh"],
        "came_by=given_back": ["Alfreds"],
        "came_by=new": ["Fresh"],
        "industry=foo": ["Alfreds"],
        "q=graz": ["Fresh"],
        "pooled_at_after=2000-01-01": ["Alfreds"],
    }

    found = {query: api(rep("ben")).get(f"/api/v1/pool/?{query}").json()["results"] for query in asked}

    assert {query: [one["name"] for one in rows] for query, rows in found.items()} == asked


# ---- claiming


def test_a_claim_is_in_the_history_with_who_and_why():
    one = pooled()

    pool.claim(one.pk, rep("ben"))

    stay = PoolStay.objects.get()
    told = (stay.came_by, stay.why, stay.left_by, stay.went_by, stay.taken_by)
    assert told == ("given_back", "no_time", rep("anna"), "claimed", rep("ben"))
    reasons = list(one.history.order_by("history_id").values_list("history_change_reason", flat=True))
    assert reasons[-2:] == ["No time for them", "claimed from the pool"]
    text = browser(rep("ben")).get(f"/accounts/{one.pk}/").content.decode()
    assert "No time for them" in text


def test_claiming_twice_is_claiming_once():
    one, ben = pooled(), rep("ben")

    assert [pool.claim(one.pk, ben).owner for _ in range(2)] == [ben, ben]
    assert PoolStay.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_four_rivals_one_wins_and_the_others_are_told_who_has_it():
    one, ready, told = pooled(), threading.Barrier(4), {}
    people = [rep(name) for name in ("ben", "carla", "dora", "emil")]

    def work(person):
        try:
            ready.wait(10)
            told[person.username] = pool.claim(one.pk, person).owner.username
        except OwnedAlready as refusal:
            told[person.username] = refusal
        finally:
            connection.close()

    _at_once([(work, person) for person in people])

    winner = Account.objects.get().owner.username
    assert [name for name, said in told.items() if said == winner] == [winner]
    others = {str(said) for name, said in told.items() if name != winner}
    assert others == {f"Alfreds belongs to {winner}."}
    assert PoolStay.objects.get().taken_by.username == winner


@pytest.mark.django_db(transaction=True)
def test_two_claims_of_one_person_at_once_are_counted_as_two():
    PoolPolicy.objects.create(claims_most=3)
    ben, ready, told = rep("ben"), threading.Barrier(4), []
    free = [pooled(f"Firm {number}") for number in range(6)]
    for one in free[:2]:
        pool.claim(one.pk, ben)

    def work(one):
        try:
            ready.wait(10)
            pool.claim(one.pk, ben)
            told.append("claimed")
        except ClaimsSpent:
            told.append("spent")
        finally:
            connection.close()

    _at_once([(work, one) for one in free[2:]])

    assert sorted(told) == ["claimed", "spent", "spent", "spent"]
    assert Account.objects.filter(owner=ben).count() == 3


def _at_once(work):
    rivals = [threading.Thread(target=one, args=[told]) for one, told in work]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()


def test_who_came_too_late_is_told_on_the_page_and_by_the_api_though_they_may_not_see_it_any_more():
    one = pooled()
    pool.claim(one.pk, rep("ben"))
    carla = rep("carla")

    page = browser(carla).post(f"/accounts/{one.pk}/claim/", follow=True)
    answer = api(carla).post(f"/api/v1/pool/{one.pk}/claim/")

    assert page.redirect_chain[0][0] == "/accounts/pool/"
    assert "Alfreds belongs to ben." in page.content.decode()
    assert (answer.status_code, answer.json()["code"]) == (409, "owned-already")
    assert answer.json()["detail"] == "Alfreds belongs to ben."
    assert "Alfreds belongs to ben." in browser(carla).get(f"/accounts/pool/{one.pk}/").content.decode()


def test_what_never_lay_in_the_pool_is_not_told_of():
    theirs = owned(by="ben")

    with pytest.raises(NotFound):
        pool.claim(theirs.pk, rep("carla"))
    assert api(rep("carla")).post(f"/api/v1/pool/{theirs.pk}/claim/").status_code == 404
    assert api(rep("carla")).post(f"/api/v1/accounts/{theirs.pk}/claim/").status_code == 404


def test_a_fresh_account_of_nobody_is_claimed_by_the_same_rule():
    PoolPolicy.objects.create(claims_most=1)
    fresh, other, ben = account("Fresh"), account("Other"), rep("ben")

    pool.claim(fresh.pk, ben)
    with pytest.raises(ClaimsSpent):
        pool.claim(other.pk, ben)

    assert PoolStay.objects.get().came_by == "new"
    assert Account.objects.get(name="Other").owner is None


def test_the_limit_is_the_admins_and_says_when_the_next_one_is_possible():
    PoolPolicy.objects.create(claims_most=2, claims_days=7)
    ben, free = rep("ben"), [pooled(f"Firm {number}") for number in range(3)]
    for one in free[:2]:
        pool.claim(one.pk, ben)

    with pytest.raises(ClaimsSpent, match="claimed 2 accounts within 7 days; the next one is possible from") as refused:
        pool.claim(free[2].pk, ben)

    day = timezone.localtime(timezone.now() + timedelta(days=7))
    assert str(day.day) in str(refused.value)
    PoolPolicy.objects.update(claims_most=None)
    assert pool.claim(free[2].pk, ben).owner == ben


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_poolstay SET until = now(), went_by = 'claimed', taken_by_id = %(ben)s"
        " WHERE account_id = %(third)s",
        "UPDATE accounts_poolstay SET until = '2001-01-01', since = '2000-01-01', went_by = 'claimed',"
        " taken_by_id = %(ben)s WHERE account_id = %(third)s",
        "INSERT INTO accounts_poolstay (id, account_id, since, came_by, why, note, until, went_by, taken_by_id)"
        " VALUES (gen_random_uuid(), %(first)s, '2000-01-01', 'new', '', '', '2001-01-01', 'claimed', %(ben)s)",
        "DELETE FROM accounts_poolstay WHERE account_id = %(first)s",
        "UPDATE accounts_poolstay SET until = '2001-01-01' WHERE account_id = %(first)s",
        "UPDATE accounts_poolstay SET went_by = 'assigned' WHERE account_id = %(first)s",
        "UPDATE accounts_poolstay SET until = NULL, went_by = '', taken_by_id = NULL WHERE account_id = %(first)s",
        "UPDATE accounts_poolstay SET left_by_id = NULL WHERE account_id = %(third)s",
        "UPDATE accounts_account SET pooled_at = now() WHERE id = %(first)s",
    ],
)
def test_the_database_itself_counts_and_keeps(statement):
    PoolPolicy.objects.create(claims_most=2)
    ben, free = rep("ben"), [pooled(f"Firm {number}") for number in range(3)]
    for one in free[:2]:
        pool.claim(one.pk, ben)
    told = {"ben": ben.pk, "first": free[0].pk, "third": free[2].pk}
    before = list(PoolStay.objects.order_by("pk").values())

    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, told)

    assert refused.value.__cause__.sqlstate in {"HM098", "HM100", "23514"}
    assert list(PoolStay.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("way", ["given", "released", "fallen"])
def test_who_let_it_go_lets_others_try_first(way):
    one, anna = owned(), rep("anna")
    if way == "given":
        pool.give_back(one, "not_reached", by=anna)
    elif way == "released":
        accounts.update_account(one, owner=None)
    else:
        pool.fall_back(one)

    with pytest.raises(GivenUpLately, match="You had Alfreds last; you can claim it again from"):
        pool.claim(one.pk, anna)

    assert Account.objects.get().owner is None
    PoolPolicy.objects.create(back_days=0)
    assert pool.claim(one.pk, anna).owner == anna


def test_an_owner_by_raw_sql_opens_and_ends_the_stay_too():
    one, ben = owned(), rep("ben")

    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_account SET owner_id = NULL WHERE id = %s", [one.pk])
    lies = Account.objects.get().pooled_at, PoolStay.objects.open().get().left_by
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_account SET owner_id = %s WHERE id = %s", [ben.pk, one.pk])

    assert lies[0] is not None
    assert lies[1] == rep("anna")
    assert Account.objects.get().pooled_at is None
    assert (PoolStay.objects.get().went_by, PoolStay.objects.get().taken_by) == ("assigned", ben)


def test_a_colleague_who_is_deleted_leaves_accounts_in_the_pool():
    owned()
    rep("anna").delete()

    assert PoolAccount.objects.visible_to(rep("ben")).get().name == "Alfreds"
    assert "Alfreds" in browser(rep("ben")).get("/accounts/pool/").content.decode()


def test_what_is_deleted_takes_its_stays_along():
    one = pooled()

    accounts.remove_account(one)

    assert not PoolStay.objects.exists()


# ---- giving back


def test_a_reason_is_needed_and_something_else_is_said_in_words():
    one, anna = owned(), rep("anna")

    with pytest.raises(BadInput, match="Choose one"):
        pool.give_back(one, "boredom", by=anna)
    with pytest.raises(BadInput, match="a few words"):
        pool.give_back(one, "other", by=anna, note="  ")

    pool.give_back(one, "other", by=anna, note="Moved  to Spain")
    assert PoolStay.objects.get().reason == "Something else: Moved to Spain"


def test_only_whoever_may_change_it_gives_it_back():
    one, ben = owned(), rep("ben")

    with pytest.raises(AccountOfAnother):
        pool.give_back(one, "no_need", by=ben)
    assert api(ben).post(f"/api/v1/accounts/{one.pk}/give-back/", {"why": "no_need"}).status_code == 404

    team = teams.set_team(Team(name="North"), [(rep("anna"), False), (ben, True)])
    assert team.members.count() == 2
    assert pool.give_back(one, "no_need", by=rep("ben")).owner is None
    assert PoolStay.objects.get().left_by == rep("anna")


@pytest.mark.parametrize("what", ["deal", "ticket"])
def test_open_business_keeps_it_where_it_is(what):
    one, anna = owned(), rep("anna")
    _business(what, one)

    with pytest.raises(StillBusy, match=f"an open {what}"):
        pool.give_back(one, "no_need", by=anna)

    _finished(what)
    assert pool.give_back(one, "no_need", by=anna).owner is None


def test_what_is_nobodys_is_not_given_back_again():
    one = pooled()

    with pytest.raises(LiesInPool):
        pool.give_back(one, "no_need", by=user("manager"))


def test_the_page_asks_why_and_leads_to_the_list():
    one, anna = owned(), browser(rep("anna"))

    sheet = anna.get(f"/accounts/{one.pk}/give-back/", headers=HTMX).content.decode()
    bad = anna.post(f"/accounts/{one.pk}/give-back/", {"why": "other"}, headers=HTMX)
    good = anna.post(f"/accounts/{one.pk}/give-back/", {"why": "no_need"}, headers=HTMX)

    assert "They need nothing" in sheet
    assert (bad.status_code, "a few words" in bad.content.decode()) == (422, True)
    assert (good.status_code, good.headers["HX-Redirect"]) == (204, "/accounts/")
    assert Account.objects.get().owner is None


def test_the_api_gives_back_and_tells_the_stays():
    one, anna, ben = owned(), api(rep("anna")), api(rep("ben"))

    assert anna.post(f"/api/v1/accounts/{one.pk}/give-back/", {"why": "other"}).status_code == 422
    assert anna.post(f"/api/v1/accounts/{one.pk}/give-back/", {"why": "no_need"}).status_code == 204
    assert ben.get(f"/api/v1/pool/{one.pk}/").json()["stay"]["left_by"] == "anna"
    assert ben.post(f"/api/v1/pool/{one.pk}/claim/").json() == {"account": str(one.pk)}

    stay = ben.get(f"/api/v1/accounts/{one.pk}/stays/").json()[0]
    assert (stay["why"], stay["went_by"], stay["taken_by"]) == ("no_need", "claimed", "ben")


def test_many_are_claimed_at_once_up_to_the_limit():
    PoolPolicy.objects.create(claims_most=2)
    free = [pooled(f"Firm {number}") for number in range(3)]
    told = {"action": "claim", "ids": [str(one.pk) for one in free], "told": {}}

    answer = api(rep("ben")).post("/api/v1/lists/pool/bulk/", told, format="json").json()

    assert (answer["done"], [one["row"] for one in answer["refused"]]) == (2, ["Firm 2"])
    assert Account.objects.filter(owner=rep("ben")).count() == 2


def test_the_pool_page_asks_the_database_no_more_for_many_than_for_one(django_assert_max_num_queries):
    ben = browser(rep("ben"))
    pooled()
    ben.get("/accounts/pool/")
    with connection.execute_wrapper(count := _Count()):
        ben.get("/accounts/pool/")
    few = count.number
    for number in range(8):
        pooled(f"Firm {number}", by=f"rep-{number}")

    with django_assert_max_num_queries(few):
        ben.get("/accounts/pool/")


class _Count:
    number = 0

    def __call__(self, execute, sql, params, many, context):
        self.number += 1
        return execute(sql, params, many, context)


# ---- merging


def test_merged_into_another_it_lies_in_the_pool_no_more_and_split_it_does_again():
    stays_here, gone, boss = owned("Winner", city="Graz"), pooled("Loser"), user("manager")

    made = merging.merge(stays_here, gone, by=boss)
    assert [stay.went_by for stay in PoolStay.objects.all()] == ["merged"]
    assert PoolStay.objects.get().account_id == stays_here.pk

    merging.split(made, by=boss)
    assert PoolAccount.objects.visible_to(rep("ben")).get().name == "Loser"
    assert pool.claim(gone.pk, rep("ben")).owner == rep("ben")


# ---- the clock


NOW = timezone.now()


@pytest.fixture
def forgotten():
    """Sixty days without a touch fall back, the owner is told seven days before; Anna has one of fifty-two days."""
    PoolPolicy.objects.create(idle_days=60, warn_days=7)
    one = owned()
    rep("anna").notices.all().delete()
    Account.objects.update(updated_at=NOW - timedelta(days=52))
    return one


def on(day):
    return idle.sweep(NOW + timedelta(days=day))


def told(name="anna"):
    return [one.text for one in rep(name).notices.order_by("id")]


def test_the_owner_is_warned_first_and_loses_it_then(forgotten):
    assert [on(day) for day in (0, 1, 1, 7, 8, 8)] == [
        Swept(), Swept(warned=1), Swept(), Swept(), Swept(fell_back=1), Swept(),
    ]  # fmt: skip

    warned, lost = told()
    assert warned.startswith("Alfreds goes to the public pool on ")
    assert lost == "Alfreds went back to the public pool: nothing has happened there for 60 days."
    stay = PoolStay.objects.get()
    assert (stay.came_by, stay.left_by) == ("fell_back", rep("anna"))


def test_the_warning_speaks_the_owners_language(forgotten):
    anna = rep("anna")
    anna.language = "zh-hans"
    anna.save()

    on(1)

    assert "公海" in told()[0]
    assert "年" in told()[0]


def test_nobody_loses_what_they_were_not_warned_of(forgotten):
    """The clock stood still for long: the first thing it does is to warn."""
    assert on(400) == Swept(warned=1)
    assert on(406) == Swept()
    assert on(407) == Swept(fell_back=1)


def test_whoever_works_on_it_keeps_it(forgotten):
    on(1)
    activities.note(forgotten, "Saw them", by=rep("anna"))

    assert on(8) == Swept()
    assert not PoolWarning.objects.exists()
    assert Account.objects.get().owner == rep("anna")


def test_a_new_owner_has_the_whole_time(forgotten):
    on(1)
    accounts.update_account(forgotten, owner=rep("ben"))

    assert on(8) == Swept()
    assert Account.objects.get().owner == rep("ben")


@pytest.mark.parametrize("what", ["deal", "order", "ticket"])
def test_open_business_protects_it(forgotten, what):
    _business(what, forgotten)
    _long_ago()

    assert [on(day) for day in (0, 8)] == [Swept(), Swept()]

    _finished(what)
    _long_ago()
    assert [on(day) for day in (9, 16)] == [Swept(warned=1), Swept(fell_back=1)]


def test_unless_a_company_wants_it_nothing_falls_back():
    owned()
    Account.objects.update(updated_at=NOW - timedelta(days=5000))

    assert (on(0), on(30)) == (Swept(), Swept())


def _business(what, one):
    if what == "ticket":
        ticket(one, by=user("agent"))
        return
    offered()
    made = deal(("CHAI", "5"), of=one, by=rep("anna"), owner=rep("anna"))
    if what == "order":
        pipeline.win(made, by=rep("anna"))


def _finished(what):
    if what == "ticket":
        tickets.solve(Ticket.objects.get())
    elif what == "deal":
        pipeline.lose(Deal.objects.get(), "Too dear")
    else:
        DealOrder.objects.update(state="completed")


def _long_ago():
    Account.objects.update(updated_at=NOW - timedelta(days=100))
    Entry.objects.update(occurred_at=NOW - timedelta(days=100))
