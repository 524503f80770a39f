"""Photos on what was logged: real pictures, small, without what the camera adds, for whoever may see the entry."""

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import ExifTags, Image
from rest_framework.test import APIClient

from base.ids import uuid7
from crm.activities import pictures, services
from crm.activities.models import Entry, Photo
from tests.crm.makers import account, user
from tests.importing import media

__all__ = ["media"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def shot(size: tuple[int, int] = (80, 40), *, kind: str = "JPEG", place: bool = True, turned: bool = False) -> bytes:
    """What a phone's camera sends: red, with where it was taken."""
    image, exif = Image.new("RGB", size, "red"), Image.Exif()
    if place:
        exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (52.0, 31.0, 12.0), 3: "W", 4: (13.0, 24.0, 36.0)}
    exif[ExifTags.Base.Model] = "Phone 7"
    exif[ExifTags.Base.Orientation] = 6 if turned else 1
    file = io.BytesIO()
    image.save(file, kind, exif=exif)
    return file.getvalue()


def visit(by: Any) -> Entry:
    return services.log_visit(account(owner=by), "interested", by=by)


def test_a_photo_is_kept_small_upright_and_without_the_camera_s_words() -> None:
    anna = user("rep", name="anna")

    photo = services.add_photo(visit(anna), shot((4000, 1000), turned=True), by=anna)

    with Image.open(photo.path) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (400, 1600), {})
    assert b"Phone 7" not in photo.path.read_bytes()
    assert (photo.width, photo.height, photo.size) == (400, 1600, photo.path.stat().st_size)
    assert (photo.latitude, photo.longitude) == (None, None)


def test_the_place_is_kept_for_who_wants_it_and_never_in_the_file() -> None:
    anna = user("rep", name="anna")

    photo = services.add_photo(visit(anna), shot(), by=anna, keep_place=True)

    assert (photo.latitude, photo.longitude) == (Decimal("52.520000"), Decimal("-13.410000"))
    with Image.open(photo.path) as kept:
        assert kept.getexif().get_ifd(ExifTags.IFD.GPSInfo) == {}


@pytest.mark.parametrize("data", [b"", b"no picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", shot()[:300]])
def test_what_is_no_photo_is_refused_and_nothing_is_logged(client: Client, data: bytes, media: Path) -> None:
    anna = user("rep", name="anna")
    client.force_login(anna)
    told = {"kind": "visit", "outcome": "order", "photo": SimpleUploadedFile("a.jpg", data or b" ")}

    answer = client.post(f"{reverse('today:log')}?account={account(owner=anna).pk}", told)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["photo"])
    assert (Entry.objects.count(), [*media.rglob("*.jpg")]) == (0, [])


def test_a_photo_that_is_too_large_is_refused() -> None:
    anna = user("rep", name="anna")
    entry = visit(anna)
    data = shot() + b"\0" * (pictures.MOST_BYTES + 1 - len(shot()))

    with pytest.raises(pictures.PhotoTooLarge):
        services.add_photo(entry, data, by=anna)
    wide = io.BytesIO()
    Image.new("1", (pictures.MOST_PIXELS // 5_000 + 1, 5_000)).save(wide, "PNG")  # small as a file, large as a picture
    assert len(wide.getvalue()) < pictures.MOST_BYTES
    with pytest.raises(services.BadInput, match="pixels"):
        services.add_photo(entry, wide.getvalue(), by=anna)


def test_a_visit_with_a_photo_is_logged_once_and_shown_on_the_timeline(client: Client) -> None:
    anna = user("rep", name="anna")
    customer = account(owner=anna)
    client.force_login(anna)
    key = str(uuid7())

    for _again in range(2):
        file = SimpleUploadedFile("shelf.png", shot(kind="PNG"), "image/png")
        told = {"kind": "visit", "outcome": "order", "photo": file, "idempotency_key": key}
        client.post(f"{reverse('today:log')}?account={customer.pk}", told)

    photo = Photo.objects.get()
    url = reverse("activities:photo", args=[photo.pk])
    assert f'<img src="{url}small/"' in client.get(customer.get_absolute_url()).content.decode()
    answer = client.get(url)
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == ("image/jpeg", "private, max-age=3600")
    assert b"".join(answer.streaming_content) == photo.path.read_bytes()


def test_only_who_sees_the_entry_sees_its_photos_and_only_its_author_adds_one(client: Client) -> None:
    anna, ben = user("rep", name="anna"), user("rep", name="ben")
    entry = visit(anna)
    photo = services.add_photo(entry, shot(), by=anna)
    client.force_login(ben)
    api = APIClient()
    api.force_authenticate(ben)
    new = {"entry": str(entry.pk), "photo": SimpleUploadedFile("a.jpg", shot(), "image/jpeg")}

    seen = [client.get(reverse("activities:photo", args=[photo.pk])).status_code]
    seen += [api.get(f"/api/v1/photos/{photo.pk}/{part}").status_code for part in ("", "file/")]
    seen += [api.post("/api/v1/photos/", new, format="multipart").status_code]
    api.force_authenticate(user("manager"))
    new["photo"].seek(0)
    by_manager = api.post("/api/v1/photos/", new, format="multipart").status_code

    assert (seen, by_manager) == ([404, 404, 404, 422], 403)
    with pytest.raises(services.EntryStays):
        services.add_photo(entry, shot(), by=ben)
    assert Photo.objects.count() == 1


def test_photos_are_added_and_fetched_over_rest_and_go_with_their_entry(
    django_capture_on_commit_callbacks: Any,
) -> None:
    anna = user("rep", name="anna")
    entry, api = visit(anna), APIClient()
    api.force_authenticate(anna)
    file = SimpleUploadedFile("a.webp", shot(kind="WEBP"), "image/webp")

    made = api.post("/api/v1/photos/", {"entry": str(entry.pk), "photo": file, "keep_place": True}, format="multipart")
    listed = api.get(f"/api/v1/photos/?account={entry.account_id}").json()["results"]
    fetched = api.get(made.json()["file"])

    assert (made.status_code, made.json()["latitude"], [one["id"] for one in listed]) == (
        201, "52.520000", [made.json()["id"]],
    )  # fmt: skip
    path = Photo.objects.get().path
    assert b"".join(fetched.streaming_content) == path.read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_entry(entry, anna)
    assert (Photo.objects.count(), path.exists()) == (0, False)
