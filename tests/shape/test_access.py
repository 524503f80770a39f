"""The short form of `make proof ONLY=access`: some of the addresses, all callers, against the table written by hand."""

import pytest

from proofs._access import Told, walk


@pytest.mark.django_db
def test_nobody_reads_or_writes_past_their_rights(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    cases = Told()

    walk(cases, most=12)

    assert getattr(cases, "words", []) == []
    assert cases.count > 60
