"""Recordings of a visit: real ones, short, played by whoever sees the visit; and photos as the timeline shows them."""

import json
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from base.refusals import BadInput
from crm.activities import pictures, recordings, services, sounds
from crm.activities.models import Entry, Recording
from tests.crm.activities.test_photos import shot
from tests.crm.makers import account, user
from tests.importing import media

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + bytes(900)
MP4 = b"\x00\x00\x00\x1cftypmp42" + bytes(900)
HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(900)


def visit(by: Any) -> Entry:
    return services.log_visit(account(owner=by), "interested", by=by)


def test_the_sheet_keeps_what_was_said_and_the_timeline_plays_it(client: Client) -> None:
    anna = user("rep", name="anna")
    alfreds = account(owner=anna)
    client.force_login(anna)
    sent = {
        "kind": "visit", "outcome": "interested", "recording": SimpleUploadedFile("recording", WEBM),
        "recording_seconds": "73", "idempotency_key": str(uuid4()),
    }  # fmt: skip

    client.post(f"/log/?kind=visit&account={alfreds.pk}", sent)
    client.post(f"/log/?kind=visit&account={alfreds.pk}", sent | {"recording": SimpleUploadedFile("recording", WEBM)})

    kept = Recording.objects.get()
    assert (kept.seconds, kept.size, kept.media_type, kept.path.read_bytes()) == (73, len(WEBM), "audio/webm", WEBM)
    page = client.get(alfreds.get_absolute_url()).content.decode()
    assert f'src="/activities/recordings/{kept.pk}/"' in page
    assert "1:13" in page


def test_a_part_of_it_is_sent_to_who_asks_for_one_and_nothing_to_who_may_not_see_it(client: Client) -> None:
    anna, stranger = user("rep", name="anna"), user("rep", name="stranger")
    kept = recordings.add_recording(visit(anna), MP4, by=anna, seconds=3)
    client.force_login(anna)
    address = f"/activities/recordings/{kept.pk}/"

    whole, part = client.get(address), client.get(address, headers={"Range": "bytes=4-11"})

    assert (whole.status_code, whole["Content-Type"], whole.getvalue()) == (200, "audio/mp4", MP4)
    assert (part.status_code, part.content, part["Content-Range"]) == (206, b"ftypmp42", f"bytes 4-11/{len(MP4)}")
    assert client.get(address, headers={"Range": "bytes=9999-"}).status_code == 416
    client.force_login(stranger)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("data", [b"", b"MZ" + bytes(900), shot()])
def test_what_is_no_recording_is_refused_and_the_visit_with_it(client: Client, data: bytes) -> None:
    anna = user("rep", name="anna")
    client.force_login(anna)
    sent = {"kind": "visit", "outcome": "order", "recording": SimpleUploadedFile("recording", data)}

    answer = client.post(f"/log/?kind=visit&account={account(owner=anna).pk}", sent)

    assert (answer.status_code, Entry.objects.count(), Recording.objects.count()) == (422, 0, 0)


def test_it_is_short_small_one_s_own_and_of_a_visit() -> None:
    anna, boss = user("rep", name="anna"), user("manager")
    there = visit(anna)

    with pytest.raises(BadInput, match="five minutes"):
        recordings.add_recording(there, WEBM, by=anna, seconds=301)
    with pytest.raises(sounds.RecordingTooLarge):
        recordings.add_recording(there, WEBM + bytes(sounds.MOST_BYTES), by=anna, seconds=3)
    with pytest.raises(services.EntryStays):
        recordings.add_recording(there, WEBM, by=boss, seconds=3)
    with pytest.raises(BadInput, match="Only visits"):
        recordings.add_recording(services.note(there.account, "Hello", by=anna), WEBM, by=anna, seconds=3)


def test_files_go_with_their_entry(django_capture_on_commit_callbacks: Any) -> None:
    anna = user("rep", name="anna")
    there = visit(anna)
    said = recordings.add_recording(there, WEBM, by=anna, seconds=3)
    photo = services.add_photo(there, shot(), by=anna)
    pictures.draw_small(photo.path, photo.small_path)

    with django_capture_on_commit_callbacks(execute=True):
        services.remove_entry(there, anna)

    assert [path.exists() for path in (*said.paths, *photo.paths)] == [False, False, False]


def test_over_rest_one_is_added_listed_and_fetched() -> None:
    anna = user("rep", name="anna")
    api = APIClient()
    api.force_login(anna)
    there = visit(anna)

    sent = {"entry": str(there.pk), "seconds": 5, "recording": SimpleUploadedFile("recording", WEBM)}
    made = api.post("/api/v1/recordings/", sent, format="multipart")

    assert (made.status_code, made.json()["seconds"], made.json()["media_type"]) == (201, 5, "audio/webm")
    assert [one["id"] for one in api.get(f"/api/v1/recordings/?entry={there.pk}").json()["results"]] == [
        made.json()["id"]
    ]
    assert api.get(made.json()["file"]).getvalue() == WEBM


def test_a_phone_brings_visit_check_in_photo_and_recording_in_one() -> None:
    anna = user("rep", name="anna")
    api = APIClient()
    api.force_login(anna)
    now = timezone.now().isoformat()
    fields = {
        "account": str(account(owner=anna).pk), "outcome": "order", "recording_seconds": "9",
        "check_in": f"{now} 52.520 13.405 40",
    }  # fmt: skip
    one = {"key": str(uuid4()), "number": 1, "kind": "visit", "fields": fields, "made_at": now}
    told = {"device": str(uuid4()), "user": anna.pk, "sent_at": now, "operations": [one]}

    def send(sound: bytes) -> Any:
        files = {"photo": BytesIO(shot()), "recording": BytesIO(sound)}
        for name, file in files.items():
            file.name = name
        return api.post("/api/v1/offline/operations/", {"parcel": json.dumps(told), **files}, format="multipart")

    assert send(WEBM).json()["results"][0]["fate"] == "applied"
    assert send(WEBM).json()["results"][0]["fate"] == "applied"
    assert send(MP4).status_code == 409

    entry = Entry.objects.get()
    assert (entry.recordings.get().seconds, entry.photos.count(), str(entry.check_in.latitude)) == (9, 1, "52.520")


def test_the_timeline_shows_a_small_photo_that_is_drawn_once(client: Client) -> None:
    anna = user("rep", name="anna")
    there = visit(anna)
    photo = services.add_photo(there, shot((4000, 1000)), by=anna)
    client.force_login(anna)

    page = client.get(there.account.get_absolute_url()).content.decode()
    answers = [client.get(f"/activities/photos/{photo.pk}/small/").getvalue() for _again in range(2)]

    assert f'src="/activities/photos/{photo.pk}/small/"' in page
    assert answers[0] == answers[1]
    with Image.open(BytesIO(answers[0])) as small:
        assert (small.size, small.format, dict(small.getexif())) == ((192, 192), "JPEG", {})


def test_a_heic_photo_is_refused_with_what_to_do() -> None:
    anna = user("rep", name="anna")

    with pytest.raises(pictures.HeicPhoto, match="Most compatible"):
        services.add_photo(visit(anna), HEIC, by=anna)
