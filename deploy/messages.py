"""`make messages`: collect every translatable text into locale/<language>/LC_MESSAGES/django.po, with Babel only.

Django turns templates into Python calls itself (`templatize`), so blocks with plurals come out right and no gettext
program is needed.  Existing translations stay; a changed text shows in English until somebody translates it.

    python -m deploy.messages                   collect
    python -m deploy.messages --missing         what waits for a translator, as JSON to fill in; ends with 1 if any does
    python -m deploy.messages --fill FILE       take the filled-in JSON over
    python -m deploy.messages --compile         make the .mo files that Django reads

Words that one side's trade uses otherwise stand in locale/<side>/…, kept by hand.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from deploy.environment import ROOT

LANGUAGES = ("zh_Hans",)
CODE = ("base", "crm", "erp", "integration")
TEMPLATES = ("templates", *CODE)
KEYWORDS = {
    "_": None,
    "_now": None,  # gettext, where `_` is the lazy one
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


def main(arguments: list[str]) -> int:
    """Update every language's file; then count, list, or fill in what waits for a translator."""
    if "--compile" in arguments:
        return compile_all()
    if not settings.configured:
        settings.configure(USE_I18N=True)
        django.setup()
    found = list(texts())
    for language in LANGUAGES:
        path = ROOT / "locale" / language / "LC_MESSAGES" / "django.po"
        catalogue = merged(path, language, found)
        if "--fill" in arguments:
            fill(catalogue, json.loads(Path(arguments[-1]).read_text(encoding="utf-8")))
        waiting = missing(catalogue)
        if "--missing" in arguments:
            print(json.dumps(dict.fromkeys(waiting, ""), ensure_ascii=False, indent=1))
            return 1 if waiting else 0
        write(path, catalogue)
        name = path.relative_to(ROOT)
        print(f"{language}: {len(catalogue)} texts, {len(waiting)} wait for a translation ({name})")
    return 0


def compile_all() -> int:
    """Every django.po below locale/ to its .mo; that placeholders are intact is a test's matter."""
    for source in sorted((ROOT / "locale").rglob("LC_MESSAGES/django.po")):
        with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(text))
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


def merged(path: Path, language: str, found: list[Found]) -> Catalog:
    """The language's file with what was found; texts that are gone leave it."""
    fresh = Catalog(project="Heming", charset="utf-8", copyright_holder="the Heming authors")
    for name, _line, text, comments, context in found:
        # No line numbers: a file would change with every edit above a text.
        fresh.add(text, locations=[(name, None)], auto_comments=comments, context=context)  # type: ignore[list-item]
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
    else:
        catalogue = Catalog(locale=language, project="Heming", creation_date=datetime.now(UTC), fuzzy=False)
    catalogue.update(fresh, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def write(path: Path, catalogue: Catalog) -> None:
    """Sorted, so that two people's additions rarely meet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, sort_output=True, include_lineno=False, omit_header=False)


def missing(catalogue: Catalog) -> list[str]:
    """The keys of texts without a translation."""
    return [key_of(message) for message in catalogue if message.id and not _translated(message.string)]


def fill(catalogue: Catalog, translations: dict[str, str]) -> None:
    """Put the translations in; a key that is not there any more is passed over."""
    for message in catalogue:
        if message.id and (text := translations.get(key_of(message))):
            message.string = (text,) if message.pluralizable else text


def key_of(message: Message) -> str:
    """How a text is named in the JSON: the English, after its context, if it has one.

    >>> key_of(Message("May", context="month")), key_of(Message(("day", "days")))
    ('month|May', 'day')
    """
    text = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
    return f"{message.context}|{text}" if message.context else text


def _of(path: Path, source: bytes) -> Iterator[Found]:
    name = path.relative_to(ROOT).as_posix()
    for line, text, comments, context in extract("python", BytesIO(source), KEYWORDS, ("Translators:",)):
        yield name, line, text, comments, context


def _translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(map(bool, string)) if isinstance(string, (tuple, list)) else bool(string)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
