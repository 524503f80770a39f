"""Without its signing keys a side can tell nothing and check nothing."""

from collections.abc import Iterator

from integration.keys import PURPOSES, NoKey, signing_key


def problems() -> Iterator[tuple[str, str]]:
    """`keys`: ok, or which is missing."""
    missing = []
    for purpose in PURPOSES:
        try:
            signing_key(purpose)
        except (NoKey, OSError):
            missing.append(purpose)
    yield "keys", f"missing: {', '.join(missing)}" if missing else "ok"
