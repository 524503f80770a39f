"""Rules on the code itself."""

import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent.parent
OTHER_SIDES = {"crm", "erp", "integration"} - {settings.SIDE}


def test_layers_import_downwards_only():
    lint = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert lint.returncode == 0, lint.stdout[-3000:]


def test_no_table_of_another_side_exists_here():
    foreign = [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.split(".")[0] in OTHER_SIDES - {"integration"}
    ]

    assert foreign == []


def test_no_foreign_key_leaves_the_side():
    strangers = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and field.related_model
        and field.related_model.__module__.split(".")[0] in {"crm", "erp"} - {settings.SIDE}
    ]

    assert strangers == []


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_domain_opens_with_a_paragraph():
    silent = [
        str(path.relative_to(ROOT))
        for side in ("crm", "erp", "integration", "base", "deploy")
        for path in (ROOT / side).glob("**/__init__.py")
        if "migrations" not in path.parts
        and "management" not in path.parts
        and "templatetags" not in path.parts
        and not path.read_text().lstrip().startswith('"""')
    ]

    assert silent == []


def test_no_page_brings_its_own_script_or_style():
    inline = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\sstyle=|\son[a-z]+=\"", re.IGNORECASE)
    guilty = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "templates").rglob("*.html")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if inline.search(line)
    ]

    assert guilty == []


def _modules_with_examples() -> list[str]:
    """Every module of this side, base and integration that shows by example what it computes."""
    roots = ["base", "integration", "deploy", settings.SIDE]
    files = sorted(path for root in dict.fromkeys(roots) for path in (ROOT / root).rglob("*.py"))
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in files
        if ">>>" in path.read_text("utf-8") and "migrations" not in path.parts
    ]


@pytest.mark.parametrize("name", _modules_with_examples())
def test_examples_in_docstrings_hold(name: str) -> None:
    if name.startswith("integration.hub") and settings.SIDE != "integration":
        return
    module = importlib.import_module(name)

    result = doctest.testmod(module)

    assert (result.failed, result.attempted > 0) == (0, True)
