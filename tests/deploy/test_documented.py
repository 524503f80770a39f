"""docs/operations.md knows every setting and every command."""

import re

import pytest

import manage
from deploy.environment import ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text()
READS = re.compile(r"""(?:env_(?:text|bool|int|list)|environ\.get|environ)[(\[]\s*"([A-Z][A-Z_]+)\"""")
# Set by our own programs for each other, or by the makefile for its targets.
INNER = {"HEMING_PROCESS", "HEMING_TRIAL", "PROMETHEUS_MULTIPROC_DIR", "DJANGO_SETTINGS_MODULE", "PATH", "HOME"}
INNER |= {"KEEP", "ORDERS"}


def settings() -> list[str]:
    files = [path for top in ("base", "crm", "erp", "integration", "deploy") for path in (ROOT / top).rglob("*.py")]
    return sorted({name for path in files for name in READS.findall(path.read_text())} - INNER)


def commands() -> list[str]:
    found = ROOT.glob("*/**/management/commands/[a-z]*.py")
    return sorted({path.stem for path in found if path.relative_to(ROOT).parts[0] in ("base", *manage.SIDES)})


@pytest.mark.parametrize("name", settings())
def test_every_setting_is_documented(name):
    side = re.fullmatch(r"(CRM|ERP|INTEGRATION)_(.+)", name)

    assert f"`{name}`" in TEXT or (side and f"`<SIDE>_{side[2]}`" in TEXT)


@pytest.mark.parametrize("name", commands())
def test_every_command_of_a_side_is_documented(name):
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("word", manage.OTHER_WORDS)
def test_every_word_of_the_deployment_is_documented_and_in_the_help(word):
    assert f"`{word}`" in TEXT
    assert f"./manage.py {word}" in (manage.__doc__ or "")


def test_nothing_is_documented_that_is_not_there():
    named = set(re.findall(r"`(HEMING_[A-Z_]+)`", TEXT))
    code = "\n".join(path.read_text() for top in ("base", "deploy") for path in (ROOT / top).rglob("*.py"))

    assert [name for name in sorted(named) if name not in code] == []
