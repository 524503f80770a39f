"""Those who work on a side, as the ground sees them: a process that is told what to do."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy import environment
from deploy.environment import ROOT

INJECTED = ROOT / "chaos" / "inject"


class People:
    """`chaos.emitter` of one side."""

    def __init__(self, side: str, var: Path) -> None:
        environ = environment.elsewhere(os.environ) | {
            "HEMING_VAR": str(var),
            "PYTHONPATH": f"{INJECTED}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": f"{side}.settings",
        }
        with (var / "log" / f"chaos-emitter-{side}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chaos.emitter", side],
                cwd=ROOT,
                env=environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._owed = 1  # it says that it is ready

    def begin(self, do: str, tag: str, **more: Any) -> None:
        """Let them start on something; `finish` waits for them."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, "tag": tag, **more}) + "\n")
        self._process.stdin.flush()
        self._owed += 1

    def finish(self) -> dict[str, Any]:
        """Wait until they have done all they were asked to; the last answer."""
        assert self._process.stdout is not None
        answer: dict[str, Any] = {}
        while self._owed:
            answer = json.loads(self._process.stdout.readline())
            self._owed -= 1
        return answer

    def said(self, tag: str) -> dict[str, list[str]]:
        """What the database has acknowledged to them, by record."""
        self.begin("said", tag)
        said: dict[str, list[str]] = self.finish()["said"]
        return said

    def close(self) -> None:
        """Send them home."""
        self._process.kill()
        with self._process:  # closes what led to it, and waits
            pass
