"""The short form of `make proof ONLY=access`: some of the addresses, all callers, against the table written by hand."""

import pytest
from django.conf import settings

from proofs._access import Told, walk


@pytest.mark.skipif(settings.SIDE != "crm", reason="many addresses: `make proof ONLY=access` walks this side")
@pytest.mark.django_db
def test_nobody_reads_or_writes_past_their_rights():
    cases = Told()

    walk(cases, most=12)

    assert getattr(cases, "words", []) == []
    assert cases.count > 60
