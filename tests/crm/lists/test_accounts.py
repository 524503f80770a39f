"""What the list of accounts can do: views, columns, many rows at once, cells in place, files."""

import csv
import io

import openpyxl
import pytest
from django.apps import apps
from pypdf import PdfReader

from base.listing import bulk, exporting, listing_of, services
from base.listing.asking import Asked
from base.sheets import PAPER_MAX
from crm.access.models import Team, TeamMember, User
from crm.accounts.models import Account
from tests.crm.makers import account, deal, user
from tests.helpers import page_queries

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
FRAGMENT = {"HX-Request": "true", "HX-Target": "listing"}


def as_(client, *roles, name=""):
    client.force_login(user(*roles, name=name))
    return client


def names(answer):
    return [row.name for row in answer.context["page"].rows]


def view_model():
    return apps.get_model("access", "SavedView")


def saved(client, name, state, **more):
    """A view saved over the page; gives its id."""
    answer = client.post("/lists/accounts/views/", {"name": name, "state": state, **more})
    return answer.url.removeprefix("/accounts/?view=")


# ---- order, columns, views


def test_any_column_sorts_both_ways_and_empty_values_stand_last(client):
    for name, city in (("A", "Graz"), ("B", ""), ("C", "Aachen")):
        account(name, city=city, owner=user("rep", name="zoe") if city == "Graz" else None)
    rep = as_(client, "agent")

    assert names(rep.get("/accounts/?ordering=-name")) == ["C", "B", "A"]
    assert names(rep.get("/accounts/?ordering=owner")) == ["A", "B", "C"]
    assert names(rep.get("/accounts/?ordering=-owner")) == ["A", "B", "C"]
    assert b'aria-sort="descending"' in rep.get("/accounts/?ordering=-name").content


def test_columns_are_chosen_put_in_order_and_remembered_for_the_user(client):
    account("A", phone="030", city="Berlin")
    rep = as_(client, "rep")

    rep.post("/lists/accounts/columns/", {"state": "?view=all", "columns": ["name", "phone", "city"]})

    mine = [column.name for column in rep.get("/accounts/").context["asked"].columns]
    others = as_(client, "rep", name="other").get("/accounts/").context["asked"].columns
    assert mine == ["name", "phone", "city"]
    assert [column.name for column in others] == ["name", "standing", "place", "owner", "tags"]


def test_a_view_keeps_the_whole_question_and_opens_by_its_address(client):
    account("A", country="Austria")
    account("B", country="Germany")
    account("C", country="Germany")
    rep = as_(client, "rep")

    view = saved(rep, "Germans", "?country=Germany&ordering=-name&columns=name,country&after=x")

    shown = rep.get(f"/accounts/?view={view}")
    assert names(shown) == ["C", "B"]
    assert [column.name for column in shown.context["asked"].columns] == ["name", "country"]
    assert view_model().objects.get(pk=view).state == "country=Germany&ordering=-name&columns=name,country"


def test_a_view_that_was_just_saved_is_known_to_whoever_saved_it():
    rep, listing = user("rep"), listing_of("accounts")
    assert Asked.told(listing, rep, "").saved == []

    view = services.save_view(listing, rep, "Berlin", "?city=Berlin")

    assert Asked.told(listing, rep, "").saved == [view]


def test_a_page_loads_all_that_any_of_its_columns_shows(client, django_assert_num_queries):
    for number in range(3):
        account(f"Account {number}", owner=user("rep", name=f"rep{number}"), city="Graz")
    everything = f"/accounts/?columns={','.join(column.name for column in listing_of('accounts').columns)}"
    as_(client, "manager").get(everything)

    with django_assert_num_queries(page_queries(2)):
        assert b"Graz" in client.get(everything).content


def test_a_default_view_is_shown_first_and_can_be_left(client):
    account("A", country="Austria")
    account("B", country="Germany")
    rep = as_(client, "rep")

    saved(rep, "Germans", "?country=Germany", default="on")

    assert names(rep.get("/accounts/")) == ["B"]
    assert names(rep.get("/accounts/?view=all")) == ["A", "B"]
    assert names(rep.get("/accounts/?q=")) == ["A", "B"]


@pytest.mark.parametrize(("role", "status"), [("rep", 403), ("manager", 403), ("admin", 302)])
def test_a_shared_view_is_used_by_all_and_changed_by_its_owner_and_admins(client, role, status):
    account("A", country="Germany")
    view = saved(as_(client, "rep", name="maker"), "Germans", "?country=Germany", team="on")
    other = as_(client, role, name="other")

    assert names(other.get(f"/accounts/?view={view}")) == ["A"]
    answer = other.post(f"/lists/accounts/views/{view}/", {"do": "words", "name": "Mine now", "team": "on"})
    assert answer.status_code == status
    assert view_model().objects.get(pk=view).name == ("Mine now" if status == 302 else "Germans")


def test_a_shared_view_is_for_its_owners_teams_and_those_below(client):
    """Of a team beside or above nobody sees it; of somebody in no team everybody does."""
    above, own, below, beside = (user("rep", name=name) for name in ("above", "own", "below", "beside"))
    company = Team.objects.create(name="Company")
    south = Team.objects.create(name="South", parent=company)
    graz, north = Team.objects.create(name="Graz", parent=south), Team.objects.create(name="North", parent=company)
    for who, team in ((above, company), (own, south), (below, graz), (beside, north)):
        TeamMember.objects.create(team=team, user=who)
    stranger, _admin = user("rep", name="stranger"), user("admin", name="admin")
    accounts = listing_of("accounts")
    shared = services.save_view(accounts, own, "South's", "?city=Graz", team=True)
    free = services.save_view(accounts, stranger, "Free", "?city=Linz", team=True)

    seen = {who.username: {view.name for view in Asked.told(accounts, who, "").views} for who in User.objects.all()}

    both = {shared.name, free.name}
    assert seen == {
        "own": both, "below": both, "admin": both, "above": {"Free"}, "beside": {"Free"}, "stranger": {"Free"},
    }  # fmt: skip
    client.force_login(beside)
    assert client.get(f"/api/v1/list-views/{shared.pk}/").status_code == 404
    assert client.post(f"/lists/accounts/views/{shared.pk}/", {"do": "remove"}).status_code == 404
    assert [str(who.shares_with) for who in (own, stranger)] == ["For South and the teams below", "For everyone"]
    client.force_login(own)
    assert b"For South and the teams below" in client.get("/accounts/?part=save", headers=HTMX).content


def test_of_anothers_own_view_nobody_learns(client):
    view = saved(as_(client, "rep", name="maker"), "Mine", "?country=Germany")
    other = as_(client, "rep", name="other")

    assert other.post(f"/lists/accounts/views/{view}/", {"do": "remove"}).status_code == 404
    assert (
        b"Mine" not in other.get(f"/accounts/?view={view}").content.split(b"listing-views")[1].split(b"</details>")[0]
    )


def test_filters_that_are_on_are_chips_that_take_themselves_away(client):
    account("A", country="Germany", industry="Food")
    answer = as_(client, "rep").get("/accounts/?country=Germany&industry=food&registered=false&ordering=-name")

    chips = {chip.name: (chip.value, chip.url) for chip in answer.context["asked"].chips}
    assert chips["country"] == ("Germany", "?industry=food&registered=false&ordering=-name")
    assert chips["registered"] == ("No", "?country=Germany&industry=food&ordering=-name")


def test_a_filter_that_cannot_be_understood_is_named_and_narrows_nothing(client):
    account("A")
    answer = as_(client, "rep").get("/accounts/", {"country": "Nowhere", "q": "a\x00b"})

    assert names(answer) == ["A"]
    assert [label for label, _why in answer.context["asked"].mistakes] == ["Search", "Country"]


def test_the_fragment_says_its_own_address_and_the_sheet_how_many_would_fit(client):
    account("A", country="Germany")
    account("B", country="Austria")
    rep = as_(client, "rep")

    fragment = rep.get("/accounts/?q=&owner=&country=Germany", headers=FRAGMENT)
    count = rep.get("/accounts/?part=count&country=Germany", headers=HTMX)

    assert fragment["HX-Push-Url"] == "/accounts/?country=Germany"
    assert b"<html" not in fragment.content
    assert count.content.decode().strip() == "Show 1 account"


# ---- many rows at once


def test_accounts_are_given_to_a_colleague_and_taken_back(client):
    janet, nancy = user("rep", name="janet"), user("manager", name="nancy")
    first, second = account("A", owner=janet), account("B")
    client.force_login(nancy)
    body = {"ids": [str(first.pk), str(second.pk)], "state": "?view=all"}

    asks = client.post("/lists/accounts/bulk/assign/", body, headers=HTMX)
    done = client.post("/lists/accounts/bulk/assign/", {**body, "told": "1", "owner": nancy.pk}, headers=HTMX)

    assert "New owner" in asks.content.decode()
    assert "2 rows done" in done.content.decode()
    assert list(Account.objects.values_list("owner__username", flat=True)) == ["nancy", "nancy"]
    change = apps.get_model("access", "BulkChange").objects.get()
    client.post(f"/lists/changes/{change.pk}/undo/", headers=HTMX)
    assert [one.owner for one in Account.objects.order_by("name")] == [janet, None]
    again = client.post(f"/lists/changes/{change.pk}/undo/", headers=HTMX)
    assert again.status_code == 422


def test_each_refusal_is_told_by_its_rows_name_and_the_others_are_done(client):
    rep, janet = user("rep", name="me"), user("rep", name="janet")
    account("Mine", owner=rep)
    deal(of=account("Hers", owner=janet), by=rep)
    client.force_login(rep)

    body = {"all": "1", "state": "?view=all", "told": "1", "owner": ""}
    told = client.post("/lists/accounts/bulk/assign/", body, headers=HTMX).content.decode()

    assert "1 row done" in told
    assert "<b>Hers</b>: You are not allowed to do this." in told
    assert {one.name: one.owner for one in Account.objects.all()} == {"Mine": None, "Hers": janet}


def test_all_that_match_are_those_of_the_filters_and_ids_outside_them_are_left_alone(client):
    manager = user("manager")
    inside, outside = account("In", country="Germany"), account("Out", country="Austria")
    client.force_login(manager)
    state = {"state": "?country=Germany", "told": "1", "tier": "vip"}

    client.post("/lists/accounts/bulk/tier/", {**state, "all": "1"}, headers=HTMX)
    none = client.post("/lists/accounts/bulk/tier/", {**state, "ids": [str(outside.pk), "no"]}, headers=HTMX)

    assert Account.objects.get(pk=inside.pk).tier == "vip"
    assert Account.objects.get(pk=outside.pk).tier == ""
    assert "nothing was changed" in none.content.decode()


def test_an_action_is_not_for_roles_that_are_not_named(client):
    one = account("A", owner=user("rep"))
    answer = as_(client, "rep").post("/lists/accounts/bulk/tier/", {"ids": [str(one.pk)], "told": "1", "tier": "vip"})

    assert answer.status_code == 403
    assert Account.objects.get().tier == ""


def test_undo_leaves_rows_that_somebody_changed_since(client):
    manager, janet = user("manager", name="boss"), user("rep", name="janet")
    one, two = account("A"), account("B")
    accounts = listing_of("accounts")
    action = bulk.action_of(accounts, manager, "assign")
    asked = Asked.told(accounts, manager, "")
    outcome = bulk.carry_out(asked, action, [one.pk, two.pk], {"owner": str(janet.pk)})
    Account.objects.filter(pk=one.pk).update(owner=manager)

    back, _listing = bulk.undo(manager, outcome.change.pk, prove=lambda: None)

    assert (back.done, [name for name, _why in back.refused]) == (1, ["A"])
    assert [row.owner for row in Account.objects.order_by("name")] == [manager, None]


def test_many_rows_become_a_job_that_goes_on_where_it_was(client, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE_MAX", 2)
    monkeypatch.setattr(bulk, "CHUNK", 2)
    manager, janet = user("manager", name="boss"), user("rep", name="janet")
    for number in range(5):
        account(f"A{number}")
    accounts = listing_of("accounts")
    asked = Asked.told(accounts, manager, "")
    pks = bulk.chosen(asked, [], all_matching=True)

    job = bulk.carry_out(asked, bulk.action_of(accounts, manager, "assign"), pks, {"owner": str(janet.pk)}).job
    bulk.work(job)
    versions = set(Account.objects.values_list("version", flat=True))
    bulk.work(job)

    assert Account.objects.filter(owner=janet).count() == 5
    assert set(Account.objects.values_list("version", flat=True)) == versions == {2}
    job = type(job).objects.get(pk=job.pk)
    assert (job.done, job.total, job.message) == (5, 5, "5 done, 0 refused.")


def test_before_many_are_changed_the_dialog_says_how_many_and_in_which_portions(client, monkeypatch):
    for name, most in (("AT_ONCE_MAX", 1), ("PORTION", 2)):
        monkeypatch.setattr(bulk, name, most)
    for number in range(5):
        account(f"A{number}", owner=user("rep", name=f"rep{number}"))
    client.force_login(user("manager"))
    every = {"all": "1", "state": "?view=all"}

    asked = client.post("/lists/accounts/bulk/tier/", every, headers=HTMX).content.decode()
    done = client.post("/lists/accounts/bulk/tier/", {**every, "told": "1", "tier": "vip"}, headers=HTMX)
    jobs = list(apps.get_model("access", "Job").objects.order_by("pk"))
    for job in jobs:
        bulk.work(job)

    assert "<b>5 accounts</b>" in asked
    assert "3 tasks of at most 2 rows" in asked
    assert [(job.title[-6:], job.total) for job in jobs] == [(" (1/3)", 2), (" (2/3)", 2), (" (3/3)", 1)]
    assert all(job.get_absolute_url() in done.content.decode() for job in jobs)
    assert Account.objects.filter(tier="vip").count() == 5


def test_more_than_the_limit_are_refused_by_its_number_before_anything_changes(client, monkeypatch):
    monkeypatch.setattr(bulk, "ROWS_MAX", 2)
    for number in range(3):
        account(f"A{number}")
    client.force_login(user("manager"))

    told = {"all": "1", "state": "?view=all", "told": "1", "tier": "vip"}
    page = client.post("/lists/accounts/bulk/tier/", told, headers=HTMX).content.decode()
    body = {"action": "tier", "all": True, "told": {"tier": "vip"}}
    api = client.post("/api/v1/lists/accounts/bulk/", body, content_type="application/json")

    assert "nothing was changed" in page
    assert "At most 2 rows at once" in page
    assert (api.status_code, "At most 2 rows at once" in api.json()["detail"]) == (422, True)
    assert not Account.objects.exclude(tier="").exists()
    assert not apps.get_model("access", "Job").objects.exists()


# ---- cells in place


def test_a_cell_is_opened_changed_and_shown_again(client):
    one = account("A", phone="030")
    rep = as_(client, "rep")
    url = f"/lists/accounts/rows/{one.pk}/phone/"

    opened = rep.get(url, headers=HTMX).content.decode()
    closed = rep.post(url, {"value": "040 7", "version": "1"}, headers=HTMX)

    assert Account.history.first().history_change_reason == "Changed in the list"
    assert 'value="030"' in opened
    assert "040 7" in closed.content.decode()
    assert Account.objects.get().phone == "040 7"
    assert '"version": "2"' in closed["HX-Trigger"]


def test_a_cell_overwrites_nothing_that_somebody_else_wrote(client):
    one = account("A", phone="030")
    rep = as_(client, "rep")
    url = f"/lists/accounts/rows/{one.pk}/phone/"
    rep.post(url, {"value": "040", "version": "1"}, headers=HTMX)

    late = rep.post(url, {"value": "050", "version": "1"}, headers=HTMX)

    assert late.status_code == 422
    assert "the value is “040”" in late.content.decode()
    assert Account.objects.get().phone == "040"


def test_a_cell_says_what_is_wrong_and_is_closed_to_others(client):
    one = account("A", email="a@b.at", owner=user("rep", name="owner"))
    owner = as_(client, "rep", name="owner")
    wrong = owner.post(f"/lists/accounts/rows/{one.pk}/email/", {"value": "no", "version": "1"}, headers=HTMX)
    assert (wrong.status_code, "Enter a valid email address." in wrong.content.decode()) == (422, True)

    stranger = as_(client, "rep", name="stranger")
    assert stranger.get(f"/lists/accounts/rows/{one.pk}/email/", headers=HTMX).status_code == 404
    deal(of=one, by=user("rep", name="other"))
    other = as_(client, "rep", name="other")
    assert other.get(f"/lists/accounts/rows/{one.pk}/email/", headers=HTMX).status_code == 403
    assert other.get(f"/lists/accounts/rows/{one.pk}/name/", headers=HTMX).status_code == 404
    assert other.get("/lists/accounts/rows/no-id/email/", headers=HTMX).status_code == 404
    assert Account.objects.get().email == "a@b.at"


# ---- files


def test_what_is_shown_is_exported_in_its_order_without_formulas(client):
    account("=1+1", country="Germany")
    account("B", country="Germany", city="Köln")
    account("C", country="Austria")
    query = "?country=Germany&ordering=-name&columns=name,city,created_at"
    rep = as_(client, "rep")

    answer = rep.get(f"/lists/accounts/export/csv/{query}")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    book = rep.get(f"/lists/accounts/export/xlsx/{query}")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(book.streaming_content))).active

    assert rows[0] == ["Name", "Town", "Created"]
    assert [row[0] for row in rows[1:]] == ["B", "'=1+1"]
    assert rows[1][1] == "Köln"
    assert sheet["C2"].is_date
    assert sheet["A3"].data_type == "s"


def test_a_long_export_is_a_job(client, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setitem(exporting.AT_ONCE_MAX, "csv", 1)
    account("A")
    account("B")
    answer = as_(client, "rep").get("/lists/accounts/export/csv/?ordering=-name&columns=name")
    job = apps.get_model("access", "Job").objects.get()

    exporting.work(job)

    job = type(job).objects.get(pk=job.pk)
    assert (answer.status_code, answer.url) == (302, job.get_absolute_url())
    assert job.file_path.read_bytes().decode("utf-8-sig").split() == ["Name", "B", "A"]
    assert job.message == "2 rows written."


def test_on_paper_it_reads_as_on_the_screen_and_a_long_one_is_a_job(client, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    account("Café <b> & Söhne", country="Germany")
    account("北京贸易")
    rep = as_(client, "rep")

    short = rep.get("/lists/accounts/export/pdf/?columns=name,country&ordering=name")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(short.content)).pages)
    monkeypatch.setitem(exporting.AT_ONCE_MAX, "pdf", 1)
    long = rep.get("/lists/accounts/export/pdf/?columns=name")
    job = apps.get_model("access", "Job").objects.get()
    exporting.work(job)
    Account.objects.bulk_create((Account(name=f"Shop {number}") for number in range(PAPER_MAX - 1)), batch_size=500)
    too_long = rep.get("/lists/accounts/export/pdf/?columns=name")

    assert [one in text for one in ("Accounts", "Café <b> & Söhne", "北京贸易", "Germany")] == [True] * 4
    assert (short["Content-Type"], short["X-Row-Count"]) == ("application/pdf", "2")
    assert (long.status_code, long.url) == (302, job.get_absolute_url())
    assert "北京贸易" in PdfReader(job.file_path).pages[0].extract_text()
    assert (too_long.status_code, apps.get_model("access", "Job").objects.count()) == (422, 1)


def test_a_workbook_becomes_a_job_sooner_than_a_file_that_flows(client, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setitem(exporting.AT_ONCE_MAX, "xlsx", 1)
    account("A")
    account("B")
    rep = as_(client, "rep")

    flowing = rep.get("/lists/accounts/export/csv/?columns=name")
    book = rep.get("/lists/accounts/export/xlsx/?columns=name")
    job = apps.get_model("access", "Job").objects.get()
    exporting.work(job)

    assert flowing["X-Row-Count"] == "2"
    assert (book.status_code, book.url) == (302, job.get_absolute_url())
    assert openpyxl.load_workbook(job.file_path).active["A3"].value == "B"


def test_agents_do_not_see_sort_or_export_what_is_not_for_them(client):
    account("A")
    agent = as_(client, "agent")
    known = agent.get("/accounts/?ordering=credit_class&columns=name,credit_class&group=credit_class").context["asked"]

    assert "credit_class" not in known.known
    assert ([column.name for column in known.columns], known.sorts, known.group) == (["name"], [], None)
    head = b"".join(agent.get("/lists/accounts/export/csv/?columns=name,credit_class").streaming_content)
    assert head.decode("utf-8-sig").split() == ["Name", "A"]
