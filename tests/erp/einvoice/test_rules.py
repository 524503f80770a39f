"""Break one value of a valid document, and the rule that guards it is named: in UBL, in CII, in XRechnung files."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from erp.einvoice import cii, reading, rules, ubl
from erp.einvoice.document import Address, Identifier, Invoice, Period, Preceding
from erp.einvoice.rules import Finding
from tests.erp.einvoice.documents import DAY, full_document
from tests.erp.einvoice.samples import SAMPLES, needs_samples

D = Decimal
WRITERS = {"ubl": ubl.write, "cii": cii.write}


def _line(**changed):
    return lambda it: replace(it, lines=(replace(it.lines[0], **changed),))


def _seller(**changed):
    return lambda it: replace(it, seller=replace(it.seller, **changed))


def _buyer(**changed):
    return lambda it: replace(it, buyer=replace(it.buyer, **changed))


def _vat(**changed):
    return lambda it: replace(it, vat=(replace(it.vat[0], **changed),))


def _off(**changed):
    return lambda it: replace(it, allowances=(replace(it.allowances[0], **changed), it.allowances[1]))


def _plus(**changed):
    return lambda it: replace(it, allowances=(it.allowances[0], replace(it.allowances[1], **changed)))


def _line_off(place: int, **changed):
    def change(it: Invoice) -> Invoice:
        allowances = [replace(one, **(changed if at == place else {})) for at, one in enumerate(it.lines[0].allowances)]
        return _line(allowances=tuple(allowances))(it)

    return change


def _all(**changed):
    return lambda it: replace(it, **changed)


def _taxed(category: str, rate: str | None, tax: str = "0.00", **reason: str):
    """The whole document in another tax category; total and tax follow, so that one thing alone is wrong."""

    def change(it: Invoice) -> Invoice:
        percent = None if rate is None else D(rate)
        line = replace(it.lines[0], category=category, rate=percent)
        off = tuple(replace(one, category=category, rate=percent) for one in it.allowances)
        group = replace(it.vat[0], category=category, rate=percent, tax=D(tax), **reason)
        gross = D("100.00") + D(tax)
        return replace(
            it, lines=(line,), allowances=off, vat=(group,), total_tax=D(tax), total_gross=gross,
            payable=gross - D("19.00") + D("0.01"),
        )  # fmt: skip

    return change


def _then(*changes):
    def change(it: Invoice) -> Invoice:
        for one in changes:
            it = one(it)
        return it

    return change


_AE = {"reason_code": "VATEX-EU-AE"}
_IC = {"reason_code": "VATEX-EU-IC"}
_NO_IDS = _then(_seller(vat_id="", tax_number=""), _all(representative=None))
BROKEN = {
    "BR-02": _all(number=""),
    "BR-03": _all(issue_date=None),
    "BR-04": _all(type_code=""),
    "BR-06": _seller(name=""),
    "BR-07": _buyer(name=""),
    "BR-08": _seller(address=None),
    "BR-09": _seller(address=Address(city="Berlin")),
    "BR-10": _buyer(address=None),
    "BR-11": _buyer(address=Address(city="Berlin")),
    "BR-13": _all(total_net=None),
    "BR-14": _all(total_gross=None),
    "BR-16": _all(lines=()),
    "BR-22": _line(quantity=None),
    "BR-23": _line(unit=""),
    "BR-24": _line(net=None),
    "BR-25": _line(name=""),
    "BR-26": _line(price=None),
    "BR-27": _line(price=D("-1")),
    "BR-28": _line(gross_price=D("-1")),
    "BR-29": _all(period=Period(DAY, DAY.replace(day=1, month=1))),
    "BR-30": _line(period=Period(DAY, DAY.replace(month=1))),
    "BR-32": _off(category="", rate=None),
    "BR-33": _off(reason="", reason_code=""),
    "BR-37": _plus(category="", rate=None),
    "BR-38": _plus(reason="", reason_code=""),
    "BR-42": _line_off(0, reason="", reason_code=""),
    "BR-44": _line_off(1, reason="", reason_code=""),
    "BR-53": _all(total_tax_accounting=None),
    "BR-57": lambda it: replace(it, delivery=replace(it.delivery, address=Address(city="Berlin"))),
    "BR-62": _seller(endpoint=Identifier("bills@example.de")),
    "BR-63": _buyer(endpoint=Identifier("bills@example.de")),
    "BR-64": _line(standard_item=Identifier("4006381333931")),
    "BR-CO-04": _line(category="", rate=None),
    "BR-CO-09": _seller(vat_id="123456788"),
    "BR-CO-10": _all(total_lines=D("91.00")),
    "BR-CO-11": _all(total_allowances=D("8.00")),
    "BR-CO-12": _all(total_charges=D("18.00")),
    "BR-CO-13": _all(total_net=D("101.00")),
    "BR-CO-14": _all(total_tax=D("20.00")),
    "BR-CO-15": _all(total_gross=D("120.00")),
    "BR-CO-16": _all(payable=D("99.00")),
    "BR-CO-17": _vat(tax=D("25.00")),
    "BR-CO-18": _all(vat=()),
    "BR-DEC-09": _all(total_lines=D("90.001")),
    "BR-DEC-12": _all(total_net=D("100.001")),
    "BR-DEC-14": _all(total_gross=D("119.001")),
    "BR-DEC-18": _all(payable=D("100.011")),
    "BR-DEC-19": _vat(basis=D("100.001")),
    "BR-DEC-20": _vat(tax=D("19.001")),
    "BR-DEC-23": _line(net=D("90.001")),
    "BR-S-01": _vat(category="Z", rate=D(0)),
    "BR-S-02": _NO_IDS,
    "BR-S-05": _line(rate=D(0)),
    "BR-S-06": _off(rate=D(0)),
    "BR-S-07": _plus(rate=D(0)),
    "BR-S-08": _vat(basis=D("110.00")),
    "BR-S-09": _vat(tax=D("25.00")),
    "BR-S-10": _vat(reason="None"),
    "BR-Z-02": _then(_taxed("Z", "0"), _NO_IDS),
    "BR-Z-05": _then(_taxed("Z", "0"), _line(rate=D(7), category="Z")),
    "BR-Z-08": _then(_taxed("Z", "0"), _vat(basis=D("110.00"), category="Z", rate=D(0), tax=D(0))),
    "BR-Z-09": _taxed("Z", "0", "5.00"),
    "BR-Z-10": _taxed("Z", "0", reason="None"),
    "BR-E-05": _then(_taxed("E", "0", reason="Art. 132"), _line(rate=D(7), category="E")),
    "BR-E-08": _then(_taxed("E", "0", reason="Art. 132"), _vat(basis=D("110.00"))),
    "BR-E-09": _taxed("E", "0", "5.00", reason="Art. 132"),
    "BR-E-10": _taxed("E", "0"),
    "BR-AE-02": _then(_taxed("AE", "0", **_AE), _buyer(vat_id="", registration=None)),
    "BR-AE-05": _then(_taxed("AE", "0", **_AE), _line(rate=D(7), category="AE")),
    "BR-AE-08": _then(_taxed("AE", "0", **_AE), _vat(basis=D("110.00"))),
    "BR-AE-09": _taxed("AE", "0", "5.00", **_AE),
    "BR-AE-10": _taxed("AE", "0"),
    "BR-IC-02": _then(_taxed("K", "0", **_IC), _buyer(vat_id="")),
    "BR-IC-05": _then(_taxed("K", "0", **_IC), _line(rate=D(7), category="K")),
    "BR-IC-08": _then(_taxed("K", "0", **_IC), _vat(basis=D("110.00"))),
    "BR-IC-09": _taxed("K", "0", "5.00", **_IC),
    "BR-IC-10": _taxed("K", "0"),
    "BR-IC-11": _then(_taxed("K", "0", **_IC), _all(delivery=None, period=None)),
    "BR-IC-12": _then(_taxed("K", "0", **_IC), _all(delivery=None)),
    "BR-G-05": _then(_taxed("G", "0", reason_code="VATEX-EU-G"), _line(rate=D(7), category="G")),
    "BR-G-10": _taxed("G", "0"),
}


def broken(data: bytes) -> set[str]:
    return {found.rule for found in rules.check(reading.read(data)) if found.fatal}


@pytest.mark.parametrize("syntax", WRITERS)
@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_value_is_named_by_its_rule(rule, syntax):
    found = broken(WRITERS[syntax](BROKEN[rule](full_document())))

    assert rule in found, sorted(found)


@pytest.mark.parametrize(
    "taxed",
    [
        _taxed("Z", "0"), _taxed("E", "0", reason="Art. 132"), _taxed("AE", "0", **_AE),
        _then(_taxed("K", "0", **_IC)), _taxed("G", "0", reason_code="VATEX-EU-G"), _taxed("S", "7", "7.00"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("syntax", WRITERS)
def test_every_tax_category_can_be_right(taxed, syntax):
    assert broken(WRITERS[syntax](taxed(full_document()))) == set()


# One value of a real file changed in its own bytes: what stood there, what stands there now, the rule, in which files.
EDITS = [
    ("BR-CO-15", "TaxInclusiveAmount", "GrandTotalAmount", "1.00"),
    ("BR-CO-10", "LineExtensionAmount", "LineTotalAmount", "1.00"),
    ("BR-CO-16", "PayableAmount", "DuePayableAmount", "1.00"),
    ("BR-DEC-18", "PayableAmount", "DuePayableAmount", "1.001"),
    ("BR-CL-04", "DocumentCurrencyCode", "InvoiceCurrencyCode", "XXQ"),
    ("BR-CL-01", "InvoiceTypeCode", "TypeCode", "999"),
]


@needs_samples
@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
@pytest.mark.parametrize(("rule", "in_ubl", "in_cii", "value"), EDITS)
def test_a_value_changed_in_a_file_of_xrechnung_is_refused_by_its_rule(path, rule, in_ubl, in_cii, value):
    root = reading.parse(path.read_bytes())
    name = in_ubl if "_ubl" in path.name else in_cii
    for element in root.iter():
        if element.tag.endswith("}" + name):
            kept = element  # the last one: the document's own sum stands after its lines'
            if name in ("InvoiceTypeCode", "TypeCode", "InvoiceCurrencyCode", "DocumentCurrencyCode"):
                break
            if name == "LineExtensionAmount" and element.getparent().tag.endswith("LegalMonetaryTotal"):
                break
    kept.text = value

    found = broken(reading.etree.tostring(root))

    assert rule in found or (rule.startswith("BR-CL") and any(one.startswith("FX-SCH") for one in found)), found


def test_a_broken_rule_is_told_in_the_readers_words():
    finding = Finding("BR-CO-15", "Invoice total amount with VAT (BT-112) = …")
    with translation.override("zh-hans"):
        assert finding.told == "含税总额不等于不含税总额加税额。"
    assert finding.told == "The total with tax is not the total without tax plus tax."


def test_a_rule_without_words_of_ours_is_told_in_the_standards_own():
    assert Finding("BR-CL-04", "Invoice currency code MUST be coded").told == "Invoice currency code MUST be coded"


def test_a_preceding_invoice_needs_its_number():
    document = replace(full_document(), preceding=(Preceding("", DAY),))

    assert "BR-55" in broken(ubl.write(document))
