"""Visiting cards: read in the dialects that phones write, and refused in words when they are none."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from base.refusals import BadInput
from crm.leads import cards
from crm.leads.models import Lead
from tests.crm.makers import user

PHONE = """BEGIN:VCARD
VERSION:3.0
N:Anders;Maria;;Dr.;
FN:Dr. Maria Anders
ORG:Alfreds Futterkiste\\, Berlin;Sales
TITLE:Sales Representative
item1.TEL;type=HOME;type=VOICE:+49 30 1111
TEL;type=FAX;type=WORK:+49 30 9999
TEL;type=WORK;type=pref:+49 30 901820
EMAIL;type=INTERNET;type=WORK:maria@alfreds.example
item2.ADR;type=WORK:;;Obere Str. 57;Berlin;;12209;Germany
URL:alfreds.example
NOTE:Likes green tea\\n and
  black tea
END:VCARD
BEGIN:VCARD
FN:Somebody else
END:VCARD
"""
OLD = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0;=E4=BC=9F
ORG;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9D=AD=E5=B7=9E=
=E5=92=8C=E6=98=8E
TEL;CELL:13800138000
END:VCARD
"""


def test_a_card_of_a_phone_becomes_the_fields_of_a_lead():
    assert cards.read(PHONE.replace("\n", "\r\n")) == {
        "person": "Dr. Maria Anders",
        "company": "Alfreds Futterkiste, Berlin",
        "title": "Sales Representative",
        "phone": "+49 30 901820",
        "other_phone": "+49 30 1111",
        "email": "maria@alfreds.example",
        "street": "Obere Str. 57",
        "city": "Berlin",
        "postal_code": "12209",
        "country": "Germany",
        "website": "alfreds.example",
        "note": "Likes green tea and black tea",
    }


def test_old_cards_with_their_own_letters_are_read_too():
    assert cards.read(OLD) == {"person": "伟 张", "company": "杭州和明", "phone": "13800138000"}


@pytest.mark.parametrize("text", ["", "Maria Anders", "BEGIN:VCARD\nVERSION:4.0\nEND:VCARD", "BEGIN:VCARD\n" * 30_000])
def test_what_is_no_card_is_refused(text):
    with pytest.raises(BadInput):
        cards.read(text)


@pytest.mark.django_db
def test_a_card_is_sent_as_a_file_pasted_or_posted_and_its_address_is_safe_to_follow(client):
    client.force_login(user("rep", name="anna"))

    client.post("/leads/card/", {"file": SimpleUploadedFile("maria.vcf", PHONE.encode())})
    client.post("/leads/card/", {"card": "BEGIN:VCARD\nFN:Hanna\nURL:javascript:alert(1)\nEND:VCARD"})
    told = client.post("/api/v1/leads/card/", {"card": OLD}, content_type="application/json")
    empty = client.post("/leads/card/", {})

    assert set(Lead.objects.values_list("name", "source", "website")) == {
        ("Dr. Maria Anders", "card", "https://alfreds.example"),
        ("伟 张", "card", ""),
    }
    assert (told.status_code, told.json()["company"], empty.status_code) == (201, "杭州和明", 422)
