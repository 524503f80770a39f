"""What a reader of another language gets: whole sentences, with every figure in its place."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from deploy import messages

ROOT = Path(__file__).resolve().parent.parent.parent
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}|</?[a-z]+>")
COMMON = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def entries(path: Path) -> Iterator[Message]:
    return (message for message in catalogue(path) if message.id)


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, (tuple, list)) else (text,)


def test_every_text_is_translated_and_none_is_doubtful() -> None:
    """That the catalogue also holds what the code says today is checked by `make lint`."""
    waiting = [
        messages.key_of(message) for message in entries(COMMON) if message.fuzzy or not all(forms(message.string))
    ]

    assert waiting == []


@pytest.mark.parametrize("path", sorted((ROOT / "locale").rglob("django.po")), ids=lambda path: path.parts[-4])
def test_placeholders_and_markup_are_the_same_in_both_languages(path: Path) -> None:
    wrong = []
    for message in entries(path):
        wanted = sorted(PLACEHOLDER.findall(forms(message.id)[-1]))
        wrong += [text for text in forms(message.string) if text and sorted(PLACEHOLDER.findall(text)) != wanted]

    assert wrong == []


def test_what_a_side_says_otherwise_exists_in_the_common_catalogue() -> None:
    common = {messages.key_of(message) for message in entries(COMMON)}
    own = ROOT / "locale" / settings.SIDE / "zh_Hans" / "LC_MESSAGES" / "django.po"

    assert own.exists() is (settings.SIDE == "erp")
    if own.exists():
        assert [key for key in map(messages.key_of, entries(own)) if key not in common] == []


def test_each_side_speaks_its_own_trade() -> None:
    with translation.override("zh-hans"):
        said = (gettext("Accounts"), gettext("Credit"), gettext("Trial balance"), gettext("Nobody's"))

    own = ("会计科目", "贷方") if settings.SIDE == "erp" else ("客户", "信用")
    assert said == (*own, "试算平衡表", "公海")


def test_every_text_is_marked_by_a_name_that_the_collector_knows() -> None:
    aliased = re.compile(r"gettext(?:_lazy|_noop)? as (\w+)")
    strange = [
        f"{path.relative_to(ROOT)}: {name}"
        for top in messages.CODE
        for path in (ROOT / top).rglob("*.py")
        for name in aliased.findall(path.read_text(encoding="utf-8"))
        if name not in messages.KEYWORDS
    ]

    assert strange == []
