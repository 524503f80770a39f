"""`make messages`: collect every translatable text into locale/<language>/LC_MESSAGES/django.po, with Babel only.

Django turns templates into Python calls itself (`templatize`), so blocks with plurals come out right and no gettext
program is needed.  Existing translations stay; a changed text becomes fuzzy and shows in English until somebody looks.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from deploy.environment import ROOT

LANGUAGES = ("zh_Hans",)
CODE = ("base", "crm", "erp", "integration")
TEMPLATES = ("templates", *CODE)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

Found = tuple[str, int, str | tuple[str, ...], list[str], str | None]  # file, line, text, comments, context


def main() -> int:
    """Update every language's file and say how much of it still waits for a translator."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    found = list(texts())
    for language in LANGUAGES:
        path = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
        catalogue = update(path, language, found)
        missing = sum(1 for message in catalogue if message.id and (message.fuzzy or not _translated(message.string)))
        print(f"{language}: {len(catalogue)} texts, {missing} wait for a translation ({path.relative_to(ROOT)})")
    return 0


def texts() -> Iterator[Found]:
    """Every translatable text: once for each place."""
    for top in CODE:
        for path in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from _of(path, path.read_bytes())
    for top in TEMPLATES:
        for path in sorted((ROOT / top).rglob("*.html")) + sorted((ROOT / top).rglob("*.txt")):
            if top == "templates" or "templates" in path.parts:
                source = templatize(path.read_text(encoding="utf-8"), origin=str(path.relative_to(ROOT)))
                flat = "\n".join(line.lstrip() for line in source.splitlines())  # for Python, indentation has a meaning
                yield from _of(path, flat.encode())


def update(path: Path, language: str, found: list[Found]) -> Catalog:
    """Merge what was found into the language's file; texts that are gone leave it."""
    fresh = Catalog(project="Heming", charset="utf-8", copyright_holder="the Heming authors")
    for name, _line, text, comments, context in found:
        # No line numbers: a file would change with every edit above a text.
        fresh.add(text, locations=[(name, None)], auto_comments=comments, context=context)  # type: ignore[list-item]
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    else:
        catalogue = Catalog(locale=language, project="Heming", creation_date=datetime.now(UTC))
    catalogue.update(fresh)
    catalogue.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, sort_output=True, include_lineno=False, omit_header=False)
    return catalogue


def _of(path: Path, source: bytes) -> Iterator[Found]:
    name = path.relative_to(ROOT).as_posix()
    for line, text, comments, context in extract("python", BytesIO(source), KEYWORDS, ("Translators:",)):
        yield name, line, text, comments, context


def _translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(map(bool, string)) if isinstance(string, (tuple, list)) else bool(string)


if __name__ == "__main__":
    sys.exit(main())
