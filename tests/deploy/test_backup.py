"""Backup and restore where no process of a side is needed: what is refused, and what is protected."""

import os
import tarfile

import pytest

from deploy.backup import commands, manifest, secrets
from deploy.backup.manifest import BadBackup, Manifest
from deploy.environment import SIDES, read, update


@pytest.fixture
def folder(tmp_path):
    """A whole backup's outside."""
    place = tmp_path / "backup"
    place.mkdir()
    (place / "crm.dump").write_bytes(b"rows")
    Manifest("2026-11-25T12:00:00+00:00", False, {}).write(place)
    return place


@pytest.fixture
def var(tmp_path, monkeypatch):
    """A deployment's keys and settings; nothing is set from outside."""
    for side in SIDES:
        monkeypatch.delenv(f"{side.upper()}_SECRET_KEY", raising=False)
    home = tmp_path / "home"
    for side in SIDES:
        update(
            home,
            side,
            {f"{side.upper()}_SECRET_KEY": f"session-{side}", f"{side.upper()}_DATABASE_URL": "postgresql://here"},
        )
        (home / side / "keys").mkdir()
        (home / side / "keys" / f"origin-{side}-1.pem").write_text(f"private half of {side}")
    (home / "keys").mkdir()
    (home / "keys" / "jwks.json").write_text("{}")
    return home


def test_a_whole_backup_is_read(folder):
    assert list(manifest.read(folder).files) == ["crm.dump"]


def test_a_broken_off_backup_is_none(folder):
    (folder / "manifest.json").unlink()

    with pytest.raises(BadBackup, match="no backup, or one that was broken off"):
        manifest.read(folder)


def test_a_changed_byte_is_noticed(folder):
    (folder / "crm.dump").write_bytes(b"cows")

    with pytest.raises(BadBackup, match=r"crm\.dump is not what was written"):
        manifest.read(folder)


def test_a_missing_file_is_noticed(folder):
    (folder / "crm.dump").unlink()

    with pytest.raises(BadBackup, match=r"crm\.dump is missing"):
        manifest.read(folder)


def test_a_backup_of_another_format_is_not_guessed_at(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 2'))

    with pytest.raises(BadBackup, match="format 2"):
        manifest.read(folder)


@pytest.mark.parametrize("passphrase", ["", "correct horse"])
def test_keys_come_back_private_and_addresses_stay_with_the_place(var, tmp_path, passphrase):
    place, home = tmp_path / "backup", tmp_path / "restored"
    place.mkdir()
    update(home, "crm", {"CRM_DATABASE_URL": "postgresql://there"})

    secrets.pack(var, place, passphrase)
    secrets.unpack(place, home, secrets.open_sealed(place, bool(passphrase), passphrase))

    key = home / "crm" / "keys" / "origin-crm-1.pem"
    assert (key.read_text(), key.stat().st_mode & 0o777) == ("private half of crm", 0o400)
    assert read(home, "crm") == {"CRM_DATABASE_URL": "postgresql://there", "CRM_SECRET_KEY": "session-crm"}


def test_a_session_key_that_is_set_from_outside_is_the_one_that_goes_along(var, tmp_path, monkeypatch):
    """The secrets of webhooks are encrypted with the one that counts, not with the one in the file."""
    monkeypatch.setenv("ERP_SECRET_KEY", "from outside")

    secrets.pack(var, tmp_path, "")
    secrets.unpack(tmp_path, tmp_path / "restored", secrets.open_sealed(tmp_path, False, ""))

    found = [read(tmp_path / "restored", side)[f"{side.upper()}_SECRET_KEY"] for side in SIDES]
    assert found == ["session-crm", "from outside", "session-integration"]


def test_with_a_passphrase_nothing_can_be_read_without_it(var, tmp_path):
    secrets.pack(var, tmp_path, "correct horse")

    (packed,) = tmp_path.glob("secrets.*")
    assert b"private half" not in packed.read_bytes()
    assert packed.stat().st_mode & 0o777 == 0o600
    for wrong, words in (("", "give the passphrase"), ("battery staple", "is not the backup's")):
        with pytest.raises(BadBackup, match=words):
            secrets.open_sealed(tmp_path, True, wrong)


def test_an_archive_cannot_write_elsewhere(tmp_path):
    evil = tmp_path / "evil.tar"
    outside = tmp_path / "outside"
    outside.write_text("x")
    with tarfile.open(evil, "w") as archive:
        archive.add(outside, "../outside")

    with pytest.raises(BadBackup, match="outside"):
        secrets.unpack(tmp_path, (tmp_path / "var").resolve(), evil.read_bytes())


@pytest.mark.parametrize(
    ("word", "rest"), [("restore", []), ("restore", ["a", "b"]), ("backup", ["a", "b"]), ("backup", ["--force"])]
)
def test_wrong_words_are_told_how_it_is_said(word, rest, capsys):
    assert commands.run(word, rest) == 2
    assert capsys.readouterr().err.startswith(f"Say: ./manage.py {word}")


def test_a_backup_never_writes_over_something(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("HEMING_VAR", str(tmp_path / "var"))
    (tmp_path / "precious").write_text("x")

    assert commands.run("backup", [str(tmp_path)]) == 1
    assert "is not empty" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["precious"]
