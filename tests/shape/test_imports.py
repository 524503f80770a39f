"""Whatever can be imported: its template is understood as it is, and the guide tells of it."""

import pytest
from django.contrib.auth import get_user_model
from django.utils import translation

from base.exchange.resources import all_resources, resources_for
from base.exchange.views import template_file
from deploy.environment import ROOT
from tests.importing import media, uploaded

__all__ = ["media"]


@pytest.mark.django_db
@pytest.mark.usefixtures("media")
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_every_column_of_a_template_is_the_field_it_names(kind: str, language: str) -> None:
    root = get_user_model().objects.create(username="root", is_superuser=True)
    for resource in (one.for_user(root) for one in resources_for(root) if one.is_table):
        with translation.override(language):
            file = template_file(resource, kind).content
        imp = uploaded(resource.key, file, root, name=f"template.{kind}")

        assert list(imp.mapping.values()) == list(resource.columns), resource.key


def test_the_guide_tells_of_whatever_can_be_imported() -> None:
    guide = (ROOT / "docs/guide/import.md").read_text(encoding="utf-8")
    missing = [resource.key for resource in all_resources() if f"`{resource.key}`" not in guide]

    assert missing == []
