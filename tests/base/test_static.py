from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import override_settings

from base.static import OurFilesHashed


@pytest.fixture
def collected(tmp_path: Path) -> Any:
    source, target = tmp_path / "source", tmp_path / "target"
    for name, text in {"js/ui.js": "'use strict';" * 400, "library/old.js": "//# sourceMappingURL=old.js.map"}.items():
        (source / name).parent.mkdir(parents=True)
        (source / name).write_text(text)
    with override_settings(
        STATIC_ROOT=target,
        STATICFILES_DIRS=[source],
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
        yield target


def test_ours_have_a_name_for_their_content_and_are_compressed(collected: Path) -> None:
    storage = OurFilesHashed()

    name = storage.stored_name("js/ui.js")

    assert name.startswith("js/ui.")
    assert len(name) == len("js/ui.") + 12 + len(".js")
    assert (collected / name).exists()
    assert (collected / f"{name}.gz").exists()


def test_a_librarys_file_keeps_its_name_even_with_a_lost_source_map(collected: Path) -> None:
    assert OurFilesHashed().stored_name("library/old.js") == "library/old.js"


def test_where_nothing_was_collected_names_are_plain() -> None:
    assert staticfiles_storage.stored_name("js/ui.js") == "js/ui.js"


@pytest.mark.django_db
def test_a_browser_that_guesses_where_the_icon_is_finds_it(client: Any) -> None:
    answer = client.get("/favicon.ico")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/static/img/heming")
    assert answer["Location"].endswith(".svg")
