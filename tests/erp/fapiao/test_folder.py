"""The provider with files: a request is one file, an answer counts once, what does not fit is kept aside."""

import json
import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from base.ids import uuid7
from erp.access.models import Notice
from erp.fapiao import carrying, services
from erp.fapiao.folder import BYTES_MAX
from erp.fapiao.models import Fapiao
from erp.fapiao.provider import issue_of, provider
from erp.fapiao.tasks import carry
from tests.erp.fapiao.makers import (
    BUYER,
    SELLER,
    TEA_TWICE,
    accountant,
    answer,
    china,
    credited,
    digital,
    invoiced,
    issued,
    requested,
    yes,
)  # fmt: skip
from tests.erp.orders.makers import TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.FAPIAO_DIR = tmp_path / "fapiao"
    china()
    return settings.FAPIAO_DIR


def files(folder, name):
    return sorted(os.listdir(folder / name)) if (folder / name).exists() else []


def command(*words):
    out = StringIO()
    call_command("fapiao", *words, stdout=out)
    return out.getvalue()


class TestSending:
    def test_a_request_is_one_file_named_by_its_id(self, folder):
        made = requested(invoiced(tax_id=BUYER), "special")

        assert command("send") == "1 sent\n"

        told = json.loads((folder / "outgoing" / f"{made.pk}.json").read_text())
        assert files(folder, "outgoing") == [f"{made.pk}.json"]
        assert (told["request"], told["kind"], told["colour"]) == (str(made.pk), "special", "blue")
        assert (told["net"], told["tax"], told["gross"]) == ("100.00", "13.00", "113.00")
        assert (told["seller"]["tax_number"], told["buyer"]["tax_number"]) == (SELLER, BUYER)
        assert told["items"] == [
            {"sku": "CHAI", "name": "Chai", "unit": "box", "quantity": "5", "net": "100.00", "tax_class": "standard",
             "rate": "0.13", "tax": "13.00"},
        ]  # fmt: skip
        assert command("send") == "0 sent\n"

    def test_the_same_request_again_is_the_same_file(self, folder):
        made = requested()
        carrying.send()
        path = folder / "outgoing" / f"{made.pk}.json"
        before = path.read_bytes()
        provider().request(issue_of(Fapiao.objects.get()))

        assert (files(folder, "outgoing"), path.read_bytes()) == ([path.name], before)

    def test_a_request_that_cannot_be_written_waits(self, folder):
        requested()
        folder.parent.mkdir(exist_ok=True)
        folder.write_text("no folder")

        with pytest.raises(CommandError):
            command("send")

        assert Fapiao.objects.unsent().count() == 1

    def test_a_red_letter_names_what_it_takes_back_and_why(self, folder):
        blue = issued(invoiced(TEA_TWICE))
        note = credited(blue.invoice, "3")
        services.issue(services.request_red(blue, "sales_return", accountant(), credit_note=note), digital(), TODAY)
        rest = services.request_red(blue, "sales_allowance", accountant())

        carrying.send()

        told = json.loads((folder / "outgoing" / f"{rest.pk}.json").read_text())
        assert told["reverses"] == {
            "code": "", "number": blue.number, "issued_on": TODAY.isoformat(), "request": str(blue.pk),
        }  # fmt: skip
        assert (told["reason"], told["net"], told["items"]) == (
            {"code": "04", "name": "sales_allowance"}, "-140.00", [],
        )  # fmt: skip

    def test_the_goods_of_a_credit_note_are_named(self, folder):
        blue = issued(invoiced(TEA_TWICE))
        red = services.request_red(blue, "sales_return", accountant(), credit_note=credited(blue.invoice, "3"))

        carrying.send()

        told = json.loads((folder / "outgoing" / f"{red.pk}.json").read_text())
        assert [(one["quantity"], one["net"], one["tax"]) for one in told["items"]] == [("-3", "-60.00", "-7.80")]


class TestCollecting:
    def test_a_number_comes_in_once(self, folder):
        made = requested()
        carrying.send()
        said = yes(made, link="https://inv.example.cn/1.pdf")
        answer(folder, "a.json", said)
        answer(folder, "b.json", said)

        assert command("collect") == "2 issued, 0 refused, 0 put aside\n"

        made.refresh_from_db()
        assert (made.status, made.number, made.link, made.by_hand) == (
            "issued", said["number"], "https://inv.example.cn/1.pdf", False,
        )  # fmt: skip
        assert (files(folder, "incoming"), files(folder, "taken")) == ([], ["a.json", "b.json"])
        assert made.history.count() == 3

    def test_a_no_comes_in_with_its_reason(self, folder):
        made = requested()
        answer(folder, "no.json", {"request": str(made.pk), "result": "refused", "reason": "税号不存在"})

        assert carry() == "1 sent, 0 issued, 1 refused, 0 put aside"

        made.refresh_from_db()
        assert (made.status, made.refusal) == ("refused", "税号不存在")

    @pytest.mark.parametrize(
        ("body", "why"),
        [
            (b"{", "Invalid JSON"),
            (b"\xff\xfe", "Invalid JSON"),
            (b"x" * (BYTES_MAX + 1), "larger"),
            ({"request": "1", "result": "issued"}, "request"),
            ({"request": str(uuid7()), "result": "refused", "reason": "no"}, "there is no request"),
            ({"request": str(uuid7()), "result": "refused"}, "a refusal has a reason"),
            ({"request": str(uuid7()), "result": "refused", "reason": "\0"}, "zero byte"),
            ({"request": str(uuid7()), "result": "issued", "number": "1"}, "issued_on"),
            ({"request": str(uuid7()), "result": "perhaps"}, "result"),
            ({"request": str(uuid7()), "result": "refused", "reason": "no", "more": 1}, "more"),
        ],
    )
    def test_what_cannot_be_understood_is_kept_aside_with_the_reason(self, folder, body, why):
        answer(folder, "a.json", body)
        reader = accountant()

        with pytest.raises(CommandError, match="put aside"):
            command("collect")

        assert files(folder, "aside") == ["a.json", "a.json.why.txt"]
        assert why in (folder / "aside" / "a.json.why.txt").read_text()
        assert (files(folder, "incoming"), Notice.objects.filter(user=reader).count()) == ([], 1)

    def test_an_answer_that_does_not_fit_changes_nothing(self, folder):
        made, taken = requested(), issued(invoiced(("SOAP", "1", "10.00")))
        answer(folder, "1.json", yes(made, number="12"))
        answer(folder, "2.json", yes(made, number=taken.number))
        answer(folder, "3.json", yes(made, issued_on=(TODAY + timedelta(days=4000)).isoformat()))
        answer(folder, "4.json", yes(made, link="javascript:alert(1)"))
        answer(folder, "5.json", yes(taken))

        done = carrying.collect()

        made.refresh_from_db()
        assert (made.status, len(done.aside), done.issued) == ("requested", 5, 0)

    def test_links_folders_and_dotfiles_lead_nowhere(self, folder, tmp_path):
        made = requested()
        secret = answer(tmp_path, "x.json", yes(made))
        (folder / "incoming" / "folder.json").mkdir(parents=True)
        (folder / "incoming" / "link.json").symlink_to(secret)
        (folder / "incoming" / "away.json").symlink_to("/nowhere")
        os.mkfifo(folder / "incoming" / "pipe.json")
        answer(folder, ".hidden.json", yes(made))
        for name in ("link.json", "away.json", "pipe.json"):
            os.utime(folder / "incoming" / name, (1, 1), follow_symlinks=False)

        done = carrying.collect()

        made.refresh_from_db()
        assert made.status == "requested"
        assert [name for name, _why in done.aside] == ["away.json", "link.json", "pipe.json"]
        assert files(folder, "incoming") == [".hidden.json", "folder.json"]
        assert secret.exists()

    def test_a_file_that_is_being_written_is_left_alone_until_it_is_finished(self, folder):
        made = requested()
        path = answer(folder, "a.json", json.dumps(yes(made))[:20].encode(), age=0)

        assert str(carrying.collect()) == "0 issued, 0 refused, 0 put aside"

        path.write_text(json.dumps(yes(made)))
        assert str(carrying.collect()) == "1 issued, 0 refused, 0 put aside"

    def test_nothing_that_was_kept_is_overwritten(self, folder):
        for _time in range(3):
            answer(folder, "a.json", b"{")
            carrying.collect()

        assert len(files(folder, "aside")) == 6

    def test_names_that_are_no_text_are_told_all_the_same(self, folder):
        accountant()
        path = answer(folder, "a.json", b"{")
        path.rename(path.with_name(os.fsdecode(b"\xff.json")))

        assert len(carrying.collect().aside) == 1

    def test_an_answer_that_comes_before_we_know_that_it_was_sent_counts(self, folder):
        made = requested()
        answer(folder, "a.json", yes(made))

        carrying.collect()

        made.refresh_from_db()
        assert (made.status, made.sent_at) == ("issued", None)

    def test_what_was_entered_by_hand_meanwhile_meets_the_providers_answer(self, folder):
        made = requested()
        carrying.send()
        done = services.record(made, digital(), timezone.localdate(), accountant())
        answer(folder, "same.json", yes(made, number=done.number))
        answer(folder, "other.json", yes(made))

        assert [name for name, _why in carrying.collect().aside] == ["other.json"]
