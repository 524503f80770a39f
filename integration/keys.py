"""The sides' signing keys: a private half stays on its side (mode 0400), the public halves are pinned in one JWKS.

Each side has a key per purpose: `origin` proves who said an event, `hop` who hands it over.
"""

import base64
import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

PURPOSES = ("origin", "hop")
# A key signs while active; its signatures count while next, active or retiring; revoked counts nothing.
TRUSTED = ("next", "active", "retiring")


class NoKey(RuntimeError):
    """This side has no key for the purpose; run `./manage.py <side> makekeys`."""


@dataclass(frozen=True)
class Key:
    """One pair, or its public half."""

    kid: str
    side: str
    purpose: str
    status: str
    public: Ed25519PublicKey
    private: Ed25519PrivateKey | None = None

    def sign(self, body: bytes) -> bytes:
        """Ed25519 over the bytes."""
        assert self.private is not None
        return self.private.sign(body)


def make_keys(side: str, keys_dir: Path, jwks_file: Path) -> list[str]:
    """Make what is missing; the ids of the keys made (none on a second call)."""
    made = []
    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    jwks_file.parent.mkdir(parents=True, exist_ok=True)
    with _locked(jwks_file):
        pinned = _read(jwks_file)
        for purpose in PURPOSES:
            if not any(keys_dir.glob(f"{purpose}-*.pem")):
                entry = _make(side, purpose, keys_dir)
                pinned.append(entry)
                made.append(entry["kid"])
        if made:
            _write(jwks_file, pinned)
    return made


def signing_key(purpose: str) -> Key:
    """This side's active key of that purpose."""
    return _signing_key(settings.SIDE, purpose, Path(settings.KEYS_DIR), _stamp(Path(settings.JWKS_FILE)))


def public_keys(side: str, purpose: str) -> tuple[Key, ...]:
    """The keys of a side whose signatures count."""
    path = Path(settings.JWKS_FILE)
    return tuple(
        key for key in pinned_keys(path) if key.side == side and key.purpose == purpose and key.status in TRUSTED
    )


def pinned_keys(path: Path) -> tuple[Key, ...]:
    """All public keys of the JWKS, read anew when the file changes."""
    return _pinned(path, _stamp(path))


@lru_cache(maxsize=16)
def _pinned(path: Path, stamp: int) -> tuple[Key, ...]:
    return tuple(
        Key(
            kid=entry["kid"],
            side=entry["side"],
            purpose=entry["purpose"],
            status=entry["status"],
            public=Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(entry["x"] + "=")),
        )
        for entry in _read(path)
    )


@lru_cache(maxsize=16)
def _signing_key(side: str, purpose: str, keys_dir: Path, stamp: int) -> Key:
    for key in pinned_keys(Path(settings.JWKS_FILE)):
        path = keys_dir / f"{key.kid}.pem"
        if key.side == side and key.purpose == purpose and key.status == "active" and path.exists():
            private = load_pem_private_key(path.read_bytes(), None)
            assert isinstance(private, Ed25519PrivateKey)
            return Key(key.kid, side, purpose, key.status, key.public, private)
    raise NoKey(f"{side} has no active {purpose} key; run `./manage.py {side} makekeys`")


def _make(side: str, purpose: str, keys_dir: Path) -> dict[str, str]:
    private = Ed25519PrivateKey.generate()
    kid = f"{purpose}-{side}-{secrets.token_hex(4)}"
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle = os.open(keys_dir / f"{kid}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(raw).decode().rstrip("="),
        "kid": kid,
        "side": side,
        "purpose": purpose,
        "status": "active",
    }


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        keys: list[dict[str, Any]] = json.loads(path.read_text())["keys"]
    except FileNotFoundError:
        return []
    return keys


def _write(path: Path, entries: list[dict[str, Any]]) -> None:
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"keys": entries}, indent=1))
    draft.replace(path)


class _locked:
    """One writer of the JWKS at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_suffix(".lock")

    def __enter__(self) -> None:
        self.file = self.path.open("w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_fault: object) -> None:
        self.file.close()
