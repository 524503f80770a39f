"""docs/operations.md knows every setting, command and metric; the guides say what the screens say."""

import re

import pytest
from babel.messages.pofile import read_po

import manage
from deploy.environment import ROOT
from tests.deploy.variables import read_beside, read_variables

TEXT = (ROOT / "docs" / "operations.md").read_text()
# Set by our own programs for each other, by the makefile for its targets, or by the machine.
INNER = {"HEMING_PROCESS", "HEMING_TRIAL", "PROMETHEUS_MULTIPROC_DIR", "DJANGO_SETTINGS_MODULE"}
INNER |= {"KEEP", "ORDERS"} | {"PATH", "SSL_CERT_FILE"}

GUIDES = sorted((ROOT / "docs" / "guide").glob("*.md"))
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md"), *GUIDES]
DJANGOS = {"createsuperuser", "check", "makemigrations", "migrate"}
# Steps of the import as a list, roles, a rule of signs, and two labels with an arrow between them.
NOT_A_LABEL = {
    "send the file", "say which column is what", "say by what rows are recognised", "try it out", "import",
    "+", "new → deal", "lists", "doing something once", "saying why", "no lost updates", "many rows at once",
    "every no", "limits", "where one is signed in", "signing keys", "what became of a record",
    "papers and figures",
}  # fmt: skip


def settings_of_the_table() -> set[str]:
    table = TEXT.partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?`) \|", table, re.M)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def commands() -> list[str]:
    found = ROOT.glob("*/**/management/commands/[a-z]*.py")
    return sorted({path.stem for path in found if path.relative_to(ROOT).parts[0] in ("base", *manage.SIDES)})


def test_every_setting_is_documented():
    assert sorted(read_variables() - settings_of_the_table() - INNER) == []


@pytest.mark.parametrize("name", commands())
def test_every_command_of_a_side_is_documented(name):
    assert f"`{name}`" in TEXT


def test_a_command_is_said_to_be_of_the_sides_that_have_it():
    """Whose it is tells the folder it lies in; those of the wire's two ends say themselves where they work."""
    of_folder = {"base": "all", "crm": "CRM", "erp": "ERP", "integration": "hub"}
    table = TEXT.partition("## Commands")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.+?`) \| ([A-Za-z, ]+) \|", table, re.M)
    told = {name: side for names, side in rows for name in re.findall(r"`([^`]+)`", names)}
    wrong = []
    for path in ROOT.glob("*/**/management/commands/[a-z]*.py"):
        parts = path.relative_to(ROOT).parts
        if parts[0] in of_folder and parts[1] not in ("inbox", "outbox"):
            wrong += [path.stem] if of_folder[parts[0]] not in told[path.stem].split(", ") else []

    assert wrong == []


@pytest.mark.parametrize("word", manage.OTHER_WORDS)
def test_every_word_of_the_deployment_is_documented_and_in_the_help(word):
    assert f"`{word}`" in TEXT
    assert f"./manage.py {word}" in (manage.__doc__ or "")


def test_nothing_is_documented_that_is_not_there():
    elsewhere = set(re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", TEXT))

    assert sorted(settings_of_the_table() - read_variables()) == []
    assert sorted(elsewhere - read_variables() - read_beside()) == []


@pytest.mark.parametrize("page", sorted(DOCS), ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_there(page):
    text = page.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    words = {*manage.OTHER_WORDS, "help"}

    made = set(re.findall(r"(?:`|^ {4})make ([a-z]+)", text, re.M))
    said = re.findall(r"\./manage\.py ([a-z]+)(?: ([a-z_]+))?", text)
    told = {word for word, _next in said if word not in manage.SIDES} - words
    of_sides = {second for word, second in said if word in manage.SIDES and second}

    assert (made - targets, told, of_sides - {*commands(), *DJANGOS}) == (set(), set(), set())


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_what_a_guide_prints_in_bold_is_written_on_a_screen(guide):
    with (ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po").open("rb") as file:
        texts = {_plain(text) for message in read_po(file) for text in _forms(message.id)}
    bold = re.findall(r"\*\*(.+?)\*\*", guide.read_text(), re.S)

    assert [words for words in bold if _plain(words) not in texts | NOT_A_LABEL] == []


def test_every_metric_is_documented():
    files = [path for top in ("base", "integration", "erp", "crm") for path in (ROOT / top).rglob("*.py")]
    code = "\n".join(path.read_text() for path in files)
    metrics = set(re.findall(r'"(heming_[a-z_]+)"', code))

    assert sorted(name for name in metrics if name not in TEXT) == []


def _forms(text):
    return text if isinstance(text, list | tuple) else [text]


def _plain(text):
    return re.sub(r"\s+", " ", text).strip(" .:").casefold()
