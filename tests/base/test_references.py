"""The API names other records as people do, and says in their words when there is none."""

import pytest
from django.utils import translation
from rest_framework import serializers

from base.references import NamedField, PersonField
from crm.access.models import Team

pytestmark = pytest.mark.django_db


class Told(serializers.Serializer):
    owner = PersonField(required=False)
    team = NamedField(slug_field="name", queryset=Team.objects.all(), required=False)


def _wrong(**data):
    told = Told(data=data)
    assert not told.is_valid()
    return {field: str(errors[0]) for field, errors in told.errors.items()}


def test_a_record_is_found_by_its_name(django_user_model):
    nancy = django_user_model.objects.create(username="nancy")
    team = Team.objects.create(name="East")
    told = Told(data={"owner": "nancy", "team": "East"})

    assert told.is_valid()
    assert told.validated_data == {"owner": nancy, "team": team}
    assert Told({"owner": nancy, "team": team}).data == {"owner": "nancy", "team": "East"}


def test_who_is_not_here_is_refused_by_name(django_user_model):
    django_user_model.objects.create(username="gone", is_active=False)

    assert _wrong(owner="gone", team="West") == {
        "owner": "There is no user “gone” here.",
        "team": "There is no team “West” here.",
    }
    with translation.override("zh-hans"):
        assert "West" in _wrong(team="West")["team"]
        assert "There" not in _wrong(team="West")["team"]


@pytest.mark.parametrize("nonsense", [["a"], {"a": 1}, 1.5, "a\x00", "a\ud800"])
def test_what_is_no_name_is_refused(nonsense):
    assert _wrong(team=nonsense) == {"team": "Team: give its name as text."}
