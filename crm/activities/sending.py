"""Files of the timeline on their way to a browser: kept by it for an hour, by nobody between."""

import re
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse

from crm.activities import pictures
from crm.activities.models import Photo, Recording

_KEPT = {"Cache-Control": "private, max-age=3600"}
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


def send_photo(photo: Photo) -> FileResponse:
    """As large as it is kept."""
    return _whole(photo.path, "image/jpeg", f"{photo.pk}.jpg")


def send_small(photo: Photo) -> FileResponse:
    """As the timeline shows it; drawn when it is first asked for."""
    if not photo.small_path.is_file() and photo.path.is_file():
        pictures.draw_small(photo.path, photo.small_path)
    return _whole(photo.small_path, "image/jpeg", f"{photo.pk}-small.jpg")


def send_recording(request: HttpRequest, recording: Recording) -> FileResponse | HttpResponse:
    """Whole, or the part that is asked for: some browsers play nothing without."""
    path = recording.path
    wanted = _RANGE.match(request.headers.get("Range", ""))
    if wanted is None or not path.is_file():
        answer = _whole(path, recording.media_type, recording.file_name)
        answer["Accept-Ranges"] = "bytes"
        return answer
    data = path.read_bytes()
    first, last = wanted.groups()
    start = int(first) if first else max(len(data) - int(last or 0), 0)
    end = min(int(last), len(data) - 1) if first and last else len(data) - 1
    if start > end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
    headers = {**_KEPT, "Accept-Ranges": "bytes", "Content-Range": f"bytes {start}-{end}/{len(data)}"}
    return HttpResponse(data[start : end + 1], status=206, content_type=recording.media_type, headers=headers)


def _whole(path: Path, media_type: str, name: str) -> FileResponse:
    if not path.is_file():
        raise Http404
    headers = {**_KEPT, "Content-Disposition": f'inline; filename="{name}"'}
    return FileResponse(path.open("rb"), content_type=media_type, headers=headers)
