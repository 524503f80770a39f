"""Ways to run PostgreSQL's programs when we are root: PostgreSQL refuses root, and rightly so.

No system user is made and no folder above ours is opened to anybody.  `unshare` maps root to an ordinary user inside a
user namespace, where it keeps root's access to its own files and no capability.  Where namespaces are forbidden (many
containers), `setpriv` changes to an existing ordinary user who owns nothing but the data folder.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Way:
    """A prefix for commands, and the user who must own the data folder (none: whoever we are)."""

    name: str
    prefix: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None

    def give(self, path: Path) -> None:
        """Make `path` belong to the user the commands run as."""
        if self.owner is not None:
            os.chown(path, *self.owner)


DIRECT = Way("direct")


class NoWay(RuntimeError):
    """Root may not run PostgreSQL, and nothing on this machine lets us become somebody else."""


def way_for(binary: Path, folder: Path, remembered: str | None = None) -> Way:
    """How to run `binary` on data in `folder`; a data folder keeps the way it was made with if that still works."""
    if os.geteuid() != 0:
        return DIRECT
    candidates = sorted(_ways(), key=lambda way: way.name != remembered)
    for way in candidates:
        if _works(way, binary, folder):
            return way
    raise NoWay(
        "PostgreSQL refuses to run as root, and neither `unshare --user` nor `setpriv` works here. "
        "Run Heming as an ordinary user, or set CRM_DATABASE_URL, ERP_DATABASE_URL and INTEGRATION_DATABASE_URL."
    )


def _ways() -> Iterator[Way]:
    user = _ordinary_user()
    uid, gid = str(user.pw_uid), str(user.pw_gid)
    if shutil.which("unshare"):
        yield Way("unshare", ("unshare", "--user", f"--map-user={uid}", f"--map-group={gid}", "--"))
    if shutil.which("setpriv"):
        become = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
        owner = (user.pw_uid, user.pw_gid)
        # Reading through closed folders above ours is what the first needs; the last two are for containers that
        # dropped that capability.
        for capability in ("dac_read_search", None, "dac_override"):
            grant = (f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}") if capability else ()
            yield Way(f"setpriv {capability or 'plain'}", (*become, *grant, "--"), owner)


def _ordinary_user() -> pwd.struct_passwd:
    """Some user with a name (initdb asks for it) that is not root: a namesake of PostgreSQL's if there is one."""
    users = {user.pw_name: user for user in pwd.getpwall() if user.pw_uid != 0}
    for name in ("postgres", "daemon", "nobody"):
        if name in users:
            return users[name]
    if not users:
        raise NoWay("PostgreSQL refuses to run as root, and this machine knows no other user.")
    return min(users.values(), key=lambda user: user.pw_uid)


def _works(way: Way, binary: Path, folder: Path) -> bool:
    """Try it: may this user start the program, and enter and write a folder of its own below ours?"""
    probe = folder / f".probe-{os.getpid()}"
    probe.mkdir(mode=0o700, exist_ok=True)
    try:
        way.give(probe)
        script = '"$1" --version && : > "$2/written"'
        attempt = subprocess.run(
            [*way.prefix, "/bin/sh", "-c", script, "sh", str(binary), str(probe)],
            cwd="/",
            capture_output=True,
            timeout=20,
        )
        return attempt.returncode == 0
    except OSError:
        return False
    finally:
        shutil.rmtree(probe, ignore_errors=True)
