"""`python -m deploy.secrets DIR`: what containers need before the first start, each secret in a file of its own.

The folder is closed to others (0700), its files are not (0644): compose mounts each into its containers as it is, and
the users in there, who are none of this machine's, must be able to read them.

<side>.postgres    the password of that side's PostgreSQL superuser, for `prepare`
<side>.env         Celery's broker of that side; its session key is made by `prepare`, where backups take it along
rabbitmq.json      a user and a virtual host of RabbitMQ for each side
"""

import base64
import hashlib
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

from deploy.environment import SIDES, write_private


def write(folder: Path) -> list[Path]:
    """Write what is missing; a secret that exists is never replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if (folder / "rabbitmq.json").exists():
        return []
    definitions: dict[str, list[dict[str, Any]]] = {"vhosts": [], "users": [], "permissions": []}
    written = []
    for side in SIDES:
        password = secrets.token_urlsafe(24)
        definitions["vhosts"].append({"name": side})
        definitions["users"].append({"name": side, "password_hash": _rabbit_hash(password), "tags": []})
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        definitions["permissions"].append({"user": side, "vhost": side, **everything})
        lines = {
            "CELERY_BROKER_URL": f"amqp://{side}:{password}@rabbitmq:5672/{side}",
        }
        written.append(_once(folder / f"{side}.postgres", secrets.token_urlsafe(24)))
        written.append(_once(folder / f"{side}.env", "".join(f"{name}={value}\n" for name, value in lines.items())))
    written.append(_once(folder / "rabbitmq.json", json.dumps(definitions, indent=1) + "\n"))
    return written


def _once(path: Path, text: str) -> Path:
    if not path.exists():
        write_private(path, text)
        path.chmod(0o644)
    return path


def _rabbit_hash(password: str) -> str:
    """RabbitMQ's own form: base64 of a salt of four bytes and SHA-256 of salt and password."""
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say: python -m deploy.secrets DIR")
    for each in write(Path(sys.argv[1])):
        print(each)
