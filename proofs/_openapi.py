"""Walking an OpenAPI document with schemathesis: shared by the proof `api` and its short form in the tests."""

import json
import re
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.trials import Cases

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large, HealthCheck.large_base_example]
# Would end the walk itself, or the very token that walks.
SKIPPED = {("DELETE", "/api/v1/tokens/{id}/")}


def document_of(address: str, token: str) -> dict[str, Any]:
    """The side's document, as this person gets it."""
    answer = httpx.get(f"{address}/api/schema/", headers={"Authorization": f"Bearer {token}"}, timeout=120)
    document: dict[str, Any] = answer.raise_for_status().json()
    return document


class Walk:
    """All operations of one document by one person; `app` calls a WSGI application in place of an address."""

    def __init__(
        self, document: dict[str, Any], cases: Cases, address: str, token: str, examples: int, app: Any = None
    ) -> None:
        self.schema = schemathesis.openapi.from_dict(document)
        self.schema.app = app
        self.cases, self.address, self.examples, self.app = cases, address, examples, app
        self.headers = {"Authorization": f"Bearer {token}"}
        self.known: dict[str, str] = {}
        self.told: set[str] = set()

    def run(self, only: str = "") -> None:
        """Lists first, so that details have real records to look at."""
        operations = []
        for found in self.schema.get_all_operations():
            if isinstance(found, Err):
                raise found.err()
            operations.append(found.ok())
        operations.sort(key=lambda one: (one.method.upper() != "GET", "{" in one.path, one.path))
        for operation in operations:
            if (operation.method.upper(), operation.path) in SKIPPED or not re.search(only, operation.path):
                continue
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                self._try(operation, mode)

    def _try(self, operation: Any, mode: GenerationMode) -> None:
        real = self.known.get(operation.path.split("{")[0])
        name = re.search(r"{(\w+)}", operation.path)
        ids = {"path_parameters": {name[1]: real}} if name and real and mode is GenerationMode.POSITIVE else {}

        @seed(20261125)
        @settings(
            max_examples=self.examples, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=QUIET,
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode, **ids))
        def one(case: Any) -> None:
            self._call(case, operation)

        try:
            one()
        except Exception as fault:
            if "Unsatisfiable" not in type(fault).__name__ and "Skip" not in type(fault).__name__:
                self.cases.that(False, f"{operation.method.upper()} {operation.path}: {type(fault).__name__}: {fault}")

    def _call(self, case: Any, operation: Any) -> None:
        told = {} if self.app else {"base_url": self.address}
        response = case.call(headers=self.headers, **told)
        try:
            case.validate_response(response, checks=CHECKS)
            wrong = ""
        except (Exception, FailureGroup) as fault:
            wrong = f"{operation.method.upper()} {operation.path} {response.status_code}: {_of(fault)}"
        self._count(wrong, response)
        if operation.method.upper() == "GET" and response.status_code == 200 and "{" not in operation.path:
            self._remember(operation.path, response.content)

    def _count(self, wrong: str, response: Any) -> None:
        """The same fault is told once, with the call that shows it, and counted every time."""
        self.cases.count += 1
        if not wrong:
            return
        if wrong in self.told:
            self.cases.failed += 1
            return
        self.told.add(wrong)
        sent = response.request
        asked = f"{sent.method} {sent.url} {(sent.body or b'')!r:.600}"
        self.cases.fail(f"{wrong}\n  {asked}\n  -> {_words_of(response.content)}")

    def _remember(self, path: str, content: bytes) -> None:
        told = json.loads(content)
        rows = told.get("results", []) if isinstance(told, dict) else told
        first = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
        if found := first.get("id") or first.get("event_id"):
            self.known[path] = str(found)


def _words_of(body: bytes) -> str:
    """How the answer begins; a file may be no text at all."""
    return body[:600].decode("utf-8", "backslashreplace")


def _of(fault: BaseException) -> str:
    """What failed, in one line per failure."""
    return " | ".join(" ".join(str(one).split())[:300] for one in getattr(fault, "exceptions", (fault,)))
