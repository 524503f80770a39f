"""The sides' signing keys: a private half stays on its side (mode 0400), the public halves are pinned in one JWKS.

Each side has a key per purpose: `origin` proves who said an event, `hop` who hands it over.
"""

import base64
import fcntl
import hashlib
import json
import os
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime
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
from django.utils.translation import gettext as _

from base.refusals import Refused

PURPOSES = ("origin", "hop")
# A key signs while active; its signatures count while next, active or retiring; revoked counts nothing.
TRUSTED = ("next", "active", "retiring")


class NoKey(RuntimeError):
    """This side has no key for the purpose; run `./manage.py <side> makekeys`."""


@dataclass(frozen=True)
class Key:
    """One pair, or its public half.

    `last_seal` is where the hub's archive stood when the hub gave this key up: the last seal's number and head.
    """

    kid: str
    side: str
    purpose: str
    status: str
    public: Ed25519PublicKey
    private: Ed25519PrivateKey | None = None
    last_seal: tuple[int, str] | None = None

    @property
    def fingerprint(self) -> str:
        """What two people read to each other to be sure that they see the same key: SHA-256 of the public half."""
        return hashlib.sha256(self.public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()

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
    return signing_key_of(settings.SIDE, purpose, Path(settings.KEYS_DIR))


def signing_key_of(side: str, purpose: str, keys_dir: Path) -> Key:
    """A side's active key of that purpose, for whoever has its folder; raises `NoKey` when there is none."""
    return _signing_key(side, purpose, keys_dir, _stamp(Path(settings.JWKS_FILE)))


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
def _pinned(path: Path, stamp: tuple[int, int]) -> tuple[Key, ...]:
    return tuple(
        Key(
            kid=entry["kid"],
            side=entry["side"],
            purpose=entry["purpose"],
            status=entry["status"],
            public=Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(entry["x"] + "=")),
            last_seal=(int(entry["last_seal"][0]), str(entry["last_seal"][1])) if entry.get("last_seal") else None,
        )
        for entry in _read(path)
    )


@lru_cache(maxsize=16)
def _signing_key(side: str, purpose: str, keys_dir: Path, stamp: tuple[int, int]) -> Key:
    for key in pinned_keys(Path(settings.JWKS_FILE)):
        path = keys_dir / f"{key.kid}.pem"
        if key.side == side and key.purpose == purpose and key.status == "active" and path.exists():
            return _with_private(key, path)
    raise NoKey(f"{side} has no active {purpose} key; run `./manage.py {side} makekeys`")


def _with_private(key: Key, path: Path) -> Key:
    private = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(private, Ed25519PrivateKey)
    return replace(key, private=private)


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


def _stamp(path: Path) -> tuple[int, int]:
    """Another one for every writing of the file, two within one tick of the clock included: each is a new file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_mtime_ns, found.st_ino


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


class KeyRefused(Refused):
    """That step is not possible for this key; the text says why."""

    message = "{why}"

    @classmethod
    def said(cls, words: str, **facts: str) -> "KeyRefused":
        """With these words."""
        return cls(why=words.format(**facts))


def own_keys(side: str, jwks_file: Path) -> list[dict[str, Any]]:
    """This side's keys as they are pinned, with their dates, in the order of their making."""
    return [entry for entry in _read(jwks_file) if entry["side"] == side]


def make_next(side: str, purpose: str, keys_dir: Path, jwks_file: Path) -> str:
    """A new pair whose signatures count from now on but are not made yet, so that all have time to learn of it."""
    if purpose not in PURPOSES:
        raise KeyRefused.said(_("A key is for one of {names}."), names=", ".join(PURPOSES))
    with _locked(jwks_file):
        pinned = _read(jwks_file)
        if any(e["side"] == side and e["purpose"] == purpose and e["status"] == "next" for e in pinned):
            raise KeyRefused(
                why=_("There is a next {purpose} key already; activate or revoke it first.").format(purpose=purpose)
            )
        entry = _make(side, purpose, keys_dir) | {"status": "next", "next_at": _now()}
        _write(jwks_file, [*pinned, entry])
    return entry["kid"]


def activate(side: str, kid: str, keys_dir: Path, jwks_file: Path) -> None:
    """Sign with this key from now on; the one before retires, and what it has signed still counts."""
    with _locked(jwks_file):
        pinned = _read(jwks_file)
        entry = _own(pinned, side, kid)
        if entry["status"] != "next":
            raise KeyRefused.said(_("{kid} is no next key; only such a one can be activated."), kid=kid)
        _refuse_without_private(kid, keys_dir)
        for other in pinned:
            if other["side"] == side and other["purpose"] == entry["purpose"] and other["status"] == "active":
                other |= {"status": "retiring", "retiring_at": _now()}
        entry |= {"status": "active", "active_at": _now()}
        _write(jwks_file, pinned)


def retire(side: str, kid: str, keys_dir: Path, jwks_file: Path) -> None:
    """Sign with it no more; what it has signed still counts."""
    with _locked(jwks_file):
        pinned = _read(jwks_file)
        entry = _own(pinned, side, kid)
        if entry["status"] == "active":
            raise KeyRefused(
                why=_("{kid} signs; make a next key and activate it, then it retires by itself.").format(kid=kid)
            )
        if entry["status"] != "next":
            raise KeyRefused.said(_("{kid} signs no more already."), kid=kid)
        entry |= {"status": "retiring", "retiring_at": _now()}
        _write(jwks_file, pinned)


def signer_after(side: str, kid: str, keys_dir: Path, jwks_file: Path) -> Key:
    """The key that would sign once this one is revoked; its signatures count now already."""
    pinned = _read(jwks_file)
    lost = _own(pinned, side, kid)
    wanted = "next" if lost["status"] == "active" else "active"
    for key in pinned_keys(jwks_file):
        path = keys_dir / f"{key.kid}.pem"
        if (key.side, key.purpose, key.status) == (side, lost["purpose"], wanted) and path.exists():
            return _with_private(key, path)
    raise _no_heir(kid) if wanted == "next" else NoKey(f"{side} has no active {lost['purpose']} key")


def revoke(
    side: str, kid: str, keys_dir: Path, jwks_file: Path, last_seal: tuple[int, str] | None = None
) -> str | None:
    """From now on nothing it has signed counts; its private half is destroyed. A signing key needs a next one, which
    signs from then on: its id. `last_seal` is written down with it."""
    with _locked(jwks_file):
        pinned = _read(jwks_file)
        entry = _own(pinned, side, kid)
        if entry["status"] == "revoked":
            raise KeyRefused.said(_("{kid} is revoked already."), kid=kid)
        heir = None
        if entry["status"] == "active":
            heir = next((e for e in pinned if _follows(e, entry)), None)
            if heir is None:
                raise _no_heir(kid)
            _refuse_without_private(heir["kid"], keys_dir)
            heir |= {"status": "active", "active_at": _now()}
        entry |= {"status": "revoked", "revoked_at": _now()} | ({"last_seal": last_seal} if last_seal else {})
        _write(jwks_file, pinned)
        (keys_dir / f"{kid}.pem").unlink(missing_ok=True)
    return heir["kid"] if heir else None


def is_revoked(kid: str) -> bool:
    """Was this key taken out of trust?"""
    return any(key.kid == kid and key.status == "revoked" for key in pinned_keys(Path(settings.JWKS_FILE)))


def _own(pinned: list[dict[str, Any]], side: str, kid: str) -> dict[str, Any]:
    for entry in pinned:
        if entry["kid"] == kid and entry["side"] == side:
            return entry
    raise KeyRefused.said(_("There is no key {kid} here."), kid=kid)


def _follows(entry: dict[str, Any], active: dict[str, Any]) -> bool:
    same = entry["side"] == active["side"] and entry["purpose"] == active["purpose"]
    return bool(same and entry["status"] == "next")


def _no_heir(kid: str) -> KeyRefused:
    return KeyRefused.said(_("{kid} signs; make the next key first, it takes over at once."), kid=kid)


def _refuse_without_private(kid: str, keys_dir: Path) -> None:
    if not (keys_dir / f"{kid}.pem").exists():
        raise KeyRefused(
            why=_("The private half of {kid} is not here; only the side that made it can use it.").format(kid=kid)
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
