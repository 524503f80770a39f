"""What each side may know: `var/<side>/env` (0600), read into the environment of that side's processes only.

A variable that is already set wins over the file; so a real server needs no file at all.
"""

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SIDES = ("crm", "erp", "integration")


def var_dir() -> Path:
    """The folder of all state: `HEMING_VAR`, or `var/` beside the code."""
    return Path(os.environ.get("HEMING_VAR") or ROOT / "var").resolve()


def tests_var_dir() -> Path:
    """Where the tests keep theirs, so that a running deployment is never touched."""
    var = var_dir()
    return var if var.name == "test" else var / "test"


def env_file(var: Path, side: str) -> Path:
    """Where a side's secrets and addresses are kept."""
    return var / side / "env"


def read(var: Path, side: str) -> dict[str, str]:
    """The side's variables as last written; empty before the first start."""
    try:
        return dict(_pairs(env_file(var, side).read_text()))
    except FileNotFoundError:
        return {}


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if "=" in line and not line.lstrip().startswith("#"):
            name, value = line.split("=", 1)
            yield name.strip(), value.strip()


def update(var: Path, side: str, values: Mapping[str, str]) -> dict[str, str]:
    """Set some of the side's variables and keep the others; returns them all."""
    merged = {**read(var, side), **values}
    for name, value in merged.items():
        if "\n" in value:
            raise ValueError(f"{name}: a value must fit on one line")
    path = env_file(var, side)
    write_private(path, "".join(f"{name}={value}\n" for name, value in sorted(merged.items())))
    return merged


def remove(var: Path, side: str, name: str) -> None:
    """Forget one of the side's variables."""
    kept = {known: value for known, value in read(var, side).items() if known != name}
    write_private(env_file(var, side), "".join(f"{known}={value}\n" for known, value in sorted(kept.items())))


def load(var: Path, side: str, environ: MutableMapping[str, str] = os.environ) -> None:
    """Put the side's variables into the environment, where they are not set already."""
    for name, value in read(var, side).items():
        environ.setdefault(name, value)


def load_named_file(environ: MutableMapping[str, str] = os.environ) -> None:
    """`HEMING_ENV_FILE`: more variables, from a container's or systemd's secret; what is set already wins."""
    name = environ.get("HEMING_ENV_FILE")
    if name:
        for variable, value in _pairs(Path(name).read_text()):
            environ.setdefault(variable, value)


def without_other_sides(environ: Mapping[str, str], side: str) -> dict[str, str]:
    """The environment a process of `side` gets: none of the other sides' secrets, whoever set them."""
    foreign = {name for other in SIDES if other != side for name in secret_names(other)}
    return {name: value for name, value in environ.items() if name not in foreign}


def elsewhere(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without all that names a deployment: for one that must not meet this terminal's."""
    ours = (*(f"{side.upper()}_" for side in SIDES), "HEMING_", "DJANGO_", "CELERY_", "PYTEST_")
    return {name: value for name, value in environ.items() if not name.startswith(ours)}


def secret_names(side: str) -> tuple[str, ...]:
    """The variables that only this side's processes may see."""
    prefix = side.upper()
    return tuple(
        f"{prefix}_{name}"
        for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "BROKER_URL", "SECRET_KEY", "CELERY_BROKER_URL")
    )


def has_own_server(side: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Did somebody set this side's database address, so that the embedded PostgreSQL is not needed for it?"""
    return bool(environ.get(f"{side.upper()}_DATABASE_URL"))


def needs_embedded(var: Path, side: str) -> bool:
    """Is this side's database on the embedded server?  Not when its address was set, or prepared for another server."""
    prepared = f"{side.upper()}_DATABASE_URL" in read(var, side)
    return not has_own_server(side) and ((var / "postgres").exists() or not prepared)


def ensure_secret_keys(var: Path, sides: Iterable[str]) -> None:
    """Each side signs sessions with a key of its own, made once."""
    for side in sides:
        name = f"{side.upper()}_SECRET_KEY"
        if name not in read(var, side):
            update(var, side, {name: secrets.token_urlsafe(48)})


def write_private(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file only its owner may read; a reader sees the old text or the new, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    temporary.replace(path)
