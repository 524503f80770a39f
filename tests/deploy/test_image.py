"""The image's build: what the Dockerfile copies is there, and enough for what it then runs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import install
from deploy.environment import ROOT

DOCKERFILE = (ROOT / "deploy" / "container" / "Dockerfile").read_text()
IGNORED = (ROOT / ".dockerignore").read_text().split()
BUILD = DOCKERFILE.split("\nFROM ")[1]
COPIED = re.findall(r"^COPY (?!--)(.+) (\S+)$", BUILD, re.M)
OF_THE_CLONE = [source for sources, _into in COPIED for source in sources.split() if source != "."]


def test_what_is_copied_is_there_and_not_ignored():
    assert OF_THE_CLONE
    assert [path for path in OF_THE_CLONE if not (ROOT / path).exists() or path in IGNORED] == []


def test_nothing_of_this_machine_goes_into_the_image():
    made_here = {line.strip("/") for line in (ROOT / ".gitignore").read_text().split() if line.startswith("/")}

    assert sorted(made_here - {"build"} - set(IGNORED)) == []
    assert ".git" in IGNORED


def test_packages_are_installed_before_the_code_is_copied():
    """Else every change of a line would install them anew."""
    assert BUILD.index("RUN python3.11 -m deploy.install base") < BUILD.index("COPY . .")


@pytest.fixture
def stage(tmp_path):
    """The build stage after its COPY lines, with this machine's packages in place of downloaded ones."""
    for path in OF_THE_CLONE:
        bring = shutil.copytree if (ROOT / path).is_dir() else shutil.copy
        bring(ROOT / path, tmp_path / path)
    shutil.rmtree(tmp_path / "static" / "vendor", ignore_errors=True)
    for compiled in tmp_path.rglob("*.mo"):
        compiled.unlink()
    venv = tmp_path / ".venv"
    venv.mkdir()
    shutil.copy(install.VENV / "pyvenv.cfg", venv)
    for name in ("bin", "lib"):
        (venv / name).symlink_to(install.VENV / name)
    for name in ("python", "npm"):
        shutil.copy(install.VENV / f"heming-{name}.stamp", venv)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path


def test_what_is_copied_is_enough_to_install(stage: Path):
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HEMING_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.install", "base"], cwd=stage, env=plain, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Python packages" not in done.stdout, "this machine's stand for them"
    assert sorted(path.name for path in (stage / "static" / "vendor").iterdir()) == sorted(
        path.name for path in (ROOT / "static" / "vendor").iterdir()
    )
    assert len(list((stage / "locale").rglob("*.mo"))) == len(list((ROOT / "locale").rglob("*.po")))
