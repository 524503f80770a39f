"""Hops as the proxy makes them: a batch comes to pieces, each signed by the side that sent the whole.

The machine's owner could do so with the sides' keys; no neighbour can. It is how events of one record come to arrive in
another order than they were sent in, though their sender waits for an answer before it sends the next.
"""

import base64
import json
import time
import uuid
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

BLANK = b"\r\n\r\n"


def sender_of(request: bytes) -> str:
    """Who hands it over; nothing but a side's own request says so."""
    start = request.partition(BLANK)[2][:40]
    return start.split(b'"')[3].decode() if start.startswith(b'{"from":"') else ""


def pieces(request: bytes, var: Path) -> list[bytes]:
    """Each delivery of the request as a request of its own; one that is alone stays as it is."""
    head, _blank, body = request.partition(BLANK)
    told = json.loads(body)
    if "deliveries" not in told:
        return [request]
    key = _hop_key(var, told["from"])
    ends = {"from": told["from"], "to": told["to"]}
    return [_request(head, json.dumps(ends | item, separators=(",", ":")).encode(), key) for item in told["deliveries"]]


def statuses(response: bytes) -> list[int]:
    """What was answered to each delivery; nothing when nothing was answered."""
    head, _blank, body = response.partition(BLANK)
    if not head:
        return []
    status = int(head.split(b" ", 2)[1])
    results: list[dict[str, Any]] = json.loads(body).get("results", []) if status == 200 else []
    return [int(result["status"]) for result in results] or [status]


def _request(head: bytes, body: bytes, key: Ed25519PrivateKey) -> bytes:
    kept = [line for line in head.split(b"\r\n") if line.lower().startswith((b"post ", b"host:"))]
    message, stamp = str(uuid.uuid4()), str(int(time.time()))
    signature = base64.b64encode(key.sign(f"{message}.{stamp}.".encode() + body)).decode()
    lines = (
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"webhook-id: {message}",
        f"webhook-timestamp: {stamp}",
        f"webhook-signature: v1a,{signature}",
    )
    return b"\r\n".join([*kept, *(line.encode() for line in lines)]) + BLANK + body


def _hop_key(var: Path, side: str) -> Ed25519PrivateKey:
    """The side's key that counts now."""
    for entry in json.loads((var / "keys" / "jwks.json").read_text())["keys"]:
        path = var / side / "keys" / f"{entry['kid']}.pem"
        if (entry["side"], entry["purpose"], entry["status"]) == (side, "hop", "active") and path.exists():
            key = load_pem_private_key(path.read_bytes(), None)
            assert isinstance(key, Ed25519PrivateKey)
            return key
    raise LookupError(f"{side} has no active hop key")
