"""Keys and settings in one archive, readable by its owner only, or by nobody without the passphrase."""

import base64
import io
import os
import secrets
import tarfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from deploy import environment
from deploy.backup.manifest import BadBackup
from deploy.environment import SIDES

PLAIN, ENCRYPTED = "secrets.tar", "secrets.tar.enc"
SALT_BYTES = 16
# Addresses belong to the place, not to the data: the restored deployment keeps its own.
_OF_THE_PLACE = ("_DATABASE_URL", "_BROKER_URL", "_URL")


def pack(var: Path, folder: Path, passphrase: str) -> None:
    """Write the archive."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for side in SIDES:
            _add_text(archive, f"{side}/env", _portable(var, side))
            for path in sorted((var / side / "keys").glob("*.pem")):
                archive.add(path, f"{side}/keys/{path.name}", recursive=False)
            if (var / side / "users.json").exists():
                archive.add(var / side / "users.json", f"{side}/users.json")
        archive.add(var / "keys" / "jwks.json", "keys/jwks.json")
    content = packed.getvalue()
    if passphrase:
        salt = secrets.token_bytes(SALT_BYTES)
        content = salt + Fernet(_key(passphrase, salt)).encrypt(content)
    path = folder / (ENCRYPTED if passphrase else PLAIN)
    path.touch(mode=0o600)
    path.write_bytes(content)


def unpack(folder: Path, var: Path, content: bytes) -> None:
    """Put keys, users and settings where a deployment has them."""
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is None:
                continue
            if member.name.endswith("/env"):
                told = dict(line.split("=", 1) for line in file.read().decode().splitlines())
                environment.update(var, member.name.split("/")[0], told)
                continue
            target = (var / member.name).resolve()
            if not target.is_relative_to(var):
                raise BadBackup(f"{member.name} would be written outside {var}.")
            is_private_key = target.suffix == ".pem"
            target.unlink(missing_ok=True)
            environment.write_private(target, file.read().decode(), _mode(target))
            if is_private_key:
                target.parent.chmod(0o700)


def open_sealed(folder: Path, encrypted: bool, passphrase: str) -> bytes:
    """The archive's bytes; a wrong passphrase is told before anything is touched."""
    if not encrypted:
        return (folder / PLAIN).read_bytes()
    if not passphrase:
        raise BadBackup("The backup's keys are encrypted: give the passphrase in HEMING_BACKUP_PASSPHRASE.")
    sealed = (folder / ENCRYPTED).read_bytes()
    try:
        return Fernet(_key(passphrase, sealed[:SALT_BYTES])).decrypt(sealed[SALT_BYTES:])
    except InvalidToken:
        raise BadBackup("The passphrase in HEMING_BACKUP_PASSPHRASE is not the backup's.") from None


def _key(passphrase: str, salt: bytes) -> bytes:
    return base64.urlsafe_b64encode(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase.encode()))


def _mode(target: Path) -> int:
    """Private halves are read by their side alone, public halves by all sides."""
    return {".pem": 0o400}.get(target.suffix, 0o644 if target.name == "jwks.json" else 0o600)


def _portable(var: Path, side: str) -> str:
    """What belongs to the data; a session key that is set from outside is the one that counts."""
    known, name = environment.read(var, side), f"{side.upper()}_SECRET_KEY"
    known |= {name: os.environ[name]} if name in os.environ else {}
    return "".join(f"{name}={value}\n" for name, value in known.items() if not name.endswith(_OF_THE_PLACE))


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))
