"""What is published is current, and may only grow."""

import copy
import json

import jsonschema
import pytest

from integration.contracts import all_contracts
from integration.contracts.publish import ASYNCAPI, SCHEMAS, breaking_changes, documents, schema_of

ROOT = ASYNCAPI.parent.parent


def test_schemas_and_docs_are_current():
    stale = [path.name for path, text in documents().items() if not path.exists() or path.read_text("utf-8") != text]

    assert stale == [], "run `make contracts`"


def test_the_asyncapi_document_is_one():
    rules = json.loads((ROOT / "node_modules/@asyncapi/specs/schemas/3.0.0.json").read_text("utf-8"))
    document = json.loads(ASYNCAPI.read_text("utf-8"))

    faults = [fault.message for fault in jsonschema.Draft7Validator(rules).iter_errors(document)]

    assert faults == []
    assert set(document["components"]["messages"]) == {contract.type for contract in all_contracts()}
    assert [reference for reference in _references(document) if _at(document, reference) is None] == []


def _references(part):
    if isinstance(part, dict):
        yield from ([part["$ref"]] if isinstance(part.get("$ref"), str) else [])
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        yield from _references(inner)


def _at(document, reference):
    for step in reference.removeprefix("#/").split("/"):
        document = document.get(step) if document else None
    return document


def test_no_published_contract_is_gone():
    assert {path.stem for path in SCHEMAS.glob("*.json")} == {contract.type for contract in all_contracts()}


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.type)
def test_published_schemas_only_grew(contract):
    published = json.loads((SCHEMAS / f"{contract.type}.json").read_text("utf-8"))

    assert breaking_changes(published, schema_of(contract)) == []


def _won():
    (contract,) = [contract for contract in all_contracts() if contract.type == "crm.deal.won.v1"]
    return schema_of(contract)


def _without(schema, *path):
    bent = copy.deepcopy(schema)
    inner = bent
    for step in path[:-1]:
        inner = inner[step]
    del inner[path[-1]]
    return bent


def _with(schema, value, *path):
    bent = copy.deepcopy(schema)
    inner = bent
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return bent


def test_an_optional_field_may_come():
    schema = _won()

    assert breaking_changes(schema, _with(schema, {"type": "string"}, "properties", "colour")) == []


@pytest.mark.parametrize(
    ("bend", "says"),
    [
        (lambda s: _without(s, "properties", "number"), "number was removed"),
        (lambda s: _with(s, {"type": "integer"}, "properties", "number"), "number was retyped"),
        (lambda s: _without(s, "$defs", "DealLine", "properties", "sku"), "lines[].sku was removed"),
        (lambda s: _with(s, ["sku", "colour"], "$defs", "DealLine", "required"), "lines[].colour is newly required"),
        (lambda s: _with(s, "internal", "x-data-class"), "the data class was lowered from personal to internal"),
    ],
)
def test_what_breaks_a_reader_is_named(bend, says):
    schema = _won()

    assert breaking_changes(schema, bend(schema)) == [says]
