"""Which release this is: one number, which the changelog, the baseline of migrations and every page agree on."""

import json
import re
import subprocess
import sys
from datetime import date

import manage
from base.release import RELEASE
from deploy import baseline
from deploy.environment import ROOT

SECTIONS = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.M)


def test_the_changelogs_newest_section_is_this_release_with_its_day():
    newest = SECTIONS[1] if SECTIONS[0] == "Unreleased" else SECTIONS[0]
    number, day = newest.split(", ")

    assert number == RELEASE
    assert date.fromisoformat(day)


def test_migrations_are_measured_against_this_release():
    assert json.loads(baseline.FILE.read_text())["release"] == RELEASE


def test_the_command_says_it_before_anything_is_installed():
    bare = [sys.executable, "-I", "-S", "manage.py", "--version"]
    done = subprocess.run(bare, cwd=ROOT, capture_output=True, text=True)

    assert (done.stdout, done.stderr) == (f"Heming {RELEASE}\n", "")


def test_it_can_be_asked_with_a_word_too(capsys):
    assert manage.main(["version"]) == 0
    assert capsys.readouterr().out == f"Heming {RELEASE}\n"
