"""EN 16931 in UN/CEFACT's Cross Industry Invoice D16B/D22B (CEN/TS 16931-3-3), which is also Factur-X's XML."""

from collections.abc import Callable, Sequence
from typing import Any

from lxml import etree

from erp.einvoice import binding
from erp.einvoice.binding import DATE_102, FLAG, NUMBER, Attr, Box, Fixed, Many, One, Part, Value
from erp.einvoice.document import (
    Address,
    Allowance,
    Attachment,
    Attribute,
    Classification,
    Contact,
    Delivery,
    Identifier,
    Invoice,
    Line,
    Note,
    Party,
    PaymentMeans,
    Period,
    Preceding,
    VatBreakdown,
)

_UNECE = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "rsm": f"{_UNECE}CrossIndustryInvoice:100",
    "ram": f"{_UNECE}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_UNECE}UnqualifiedDataType:100",
    "qdt": f"{_UNECE}QualifiedDataType:100",
}
ROOT = f"{{{NAMESPACES['rsm']}}}CrossIndustryInvoice"
_102 = {"format": "102"}
_TYPE = "ram:TypeCode"
_VAT = Fixed(_TYPE, "VAT")
_REFERENCE = "ram:IssuerAssignedID"


def _number(field: str, path: str, **more: Any) -> Value:
    return Value(field, path, NUMBER, **more)


def _day(field: str, path: str, name: str = "udt:DateTimeString") -> Value:
    return Value(field, f"{path}/{name}", DATE_102, _102)


def _identifier(field: str, path: str, when: Callable[[Any], bool] | None = None) -> One:
    return One(field, path, Identifier, (Value("value", "."), Attr("scheme", "schemeID")), when=when)


def _ids(field: str) -> tuple[Part, ...]:
    """Without a scheme an ID, with one a GlobalID."""
    parts = (Value("value", "."), Attr("scheme", "schemeID"))
    return (
        Many(field, "ram:ID", Identifier, parts, when=lambda one: not one.scheme),
        Many(field, "ram:GlobalID", Identifier, parts, when=lambda one: bool(one.scheme)),
    )


def _category(path: str) -> Box:
    parts = (_VAT, Value("category", "ram:CategoryCode"), _number("rate", "ram:RateApplicablePercent"))
    return Box(path, parts)


PERIOD = One(
    "period",
    "ram:BillingSpecifiedPeriod",
    Period,
    (_day("start", "ram:StartDateTime"), _day("end", "ram:EndDateTime")),
)
ADDRESS = One(
    "address",
    "ram:PostalTradeAddress",
    Address,
    (
        Value("postal_code", "ram:PostcodeCode"),
        Value("line1", "ram:LineOne"),
        Value("line2", "ram:LineTwo"),
        Value("line3", "ram:LineThree"),
        Value("city", "ram:CityName"),
        Value("country", "ram:CountryID"),
        Value("region", "ram:CountrySubDivisionName"),
    ),
)
CONTACT = One(
    "contact",
    "ram:DefinedTradeContact",
    Contact,
    (
        Value("name", "ram:PersonName"),
        Value("phone", "ram:TelephoneUniversalCommunication/ram:CompleteNumber"),
        Value("email", "ram:EmailURIUniversalCommunication/ram:URIID"),
    ),
)
_TAX_ID = "ram:SpecifiedTaxRegistration"


def _registered(field: str, scheme: str) -> Box:
    return Box(_TAX_ID, (Value(field, "ram:ID", attrs={"schemeID": scheme}),), has=("ram:ID/@schemeID", scheme))


PARTY: tuple[Part, ...] = (
    *_ids("identifiers"),
    Value("name", "ram:Name"),
    Value("legal_form", "ram:Description"),
    _identifier("registration", "ram:SpecifiedLegalOrganization/ram:ID"),
    Value("trading_name", "ram:SpecifiedLegalOrganization/ram:TradingBusinessName"),
    CONTACT,
    ADDRESS,
    _identifier("endpoint", "ram:URIUniversalCommunication/ram:URIID"),
    _registered("vat_id", "VA"),
    _registered("tax_number", "FC"),
)
ALLOWANCE: tuple[Part, ...] = (
    Value("charge", "ram:ChargeIndicator/udt:Indicator", FLAG),
    _number("percent", "ram:CalculationPercent"),
    _number("base", "ram:BasisAmount"),
    _number("amount", "ram:ActualAmount"),
    Value("reason_code", "ram:ReasonCode"),
    Value("reason", "ram:Reason"),
    _category("ram:CategoryTradeTax"),
)
ALLOWANCES = Many("allowances", "ram:SpecifiedTradeAllowanceCharge", Allowance, ALLOWANCE)


def _object(path: str) -> One:
    """BT-18 and BT-128: type 130."""
    parts = (Value("value", _REFERENCE), Fixed(_TYPE, "130"), Value("scheme", "ram:ReferenceTypeCode"))
    return One("object", path, Identifier, parts, has=(_TYPE, "130"))


_PRODUCT, _AGREED, _SETTLED = (
    "ram:SpecifiedTradeProduct",
    "ram:SpecifiedLineTradeAgreement",
    "ram:SpecifiedLineTradeSettlement",
)
_NET, _GROSS = f"{_AGREED}/ram:NetPriceProductTradePrice", f"{_AGREED}/ram:GrossPriceProductTradePrice"
_BILLED = "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"
CLASSIFICATION = (
    Value("code", "ram:ClassCode"),
    Attr("scheme", "listID", "ram:ClassCode"),
    Attr("version", "listVersionID", "ram:ClassCode"),
)
_LINE_SETTLED: tuple[Part, ...] = (
    _category("ram:ApplicableTradeTax"),
    PERIOD,
    ALLOWANCES,
    _number("net", "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"),
    _object("ram:AdditionalReferencedDocument"),
    Value("accounting_reference", "ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"),
)
LINE: tuple[Part, ...] = (
    Value("number", "ram:AssociatedDocumentLineDocument/ram:LineID"),
    Value("note", "ram:AssociatedDocumentLineDocument/ram:IncludedNote/ram:Content"),
    _identifier("standard_item", f"{_PRODUCT}/ram:GlobalID"),
    Value("seller_item", f"{_PRODUCT}/ram:SellerAssignedID"),
    Value("buyer_item", f"{_PRODUCT}/ram:BuyerAssignedID"),
    Value("name", f"{_PRODUCT}/ram:Name"),
    Value("description", f"{_PRODUCT}/ram:Description"),
    Many(
        "attributes",
        f"{_PRODUCT}/ram:ApplicableProductCharacteristic",
        Attribute,
        (Value("name", "ram:Description"), Value("value", "ram:Value")),
    ),
    Many("classifications", f"{_PRODUCT}/ram:DesignatedProductClassification", Classification, CLASSIFICATION),
    Value("origin", f"{_PRODUCT}/ram:OriginTradeCountry/ram:ID"),
    Value("order_line", f"{_AGREED}/ram:BuyerOrderReferencedDocument/ram:LineID"),
    _number("gross_price", f"{_GROSS}/ram:ChargeAmount"),
    Box(
        f"{_GROSS}/ram:AppliedTradeAllowanceCharge",
        (
            Fixed("ram:ChargeIndicator/udt:Indicator", "false"),
            _number("price_discount", "ram:ActualAmount"),
        ),
    ),
    _number("price", f"{_NET}/ram:ChargeAmount"),
    _number("base_quantity", f"{_NET}/ram:BasisQuantity"),
    Attr("base_unit", "unitCode", f"{_NET}/ram:BasisQuantity"),
    _number("quantity", _BILLED),
    Attr("unit", "unitCode", _BILLED),
    Box(_SETTLED, _LINE_SETTLED),
)

_BINARY = "ram:AttachmentBinaryObject"
ATTACHMENT: tuple[Part, ...] = (
    Value("reference", _REFERENCE),
    Value("address", "ram:URIID"),
    Fixed(_TYPE, "916"),
    Value("description", "ram:Name"),
    Value("content", _BINARY),
    Attr("mime", "mimeCode", _BINARY),
    Attr("filename", "filename", _BINARY),
)
_ATTACHED = "ram:AdditionalReferencedDocument"
AGREEMENT: tuple[Part, ...] = (
    Value("buyer_reference", "ram:BuyerReference"),
    One("seller", "ram:SellerTradeParty", Party, PARTY),
    One("buyer", "ram:BuyerTradeParty", Party, PARTY),
    One("representative", "ram:SellerTaxRepresentativeTradeParty", Party, PARTY),
    Value("sales_order", f"ram:SellerOrderReferencedDocument/{_REFERENCE}"),
    Value("order", f"ram:BuyerOrderReferencedDocument/{_REFERENCE}"),
    Value("contract", f"ram:ContractReferencedDocument/{_REFERENCE}"),
    Many("attachments", _ATTACHED, Attachment, ATTACHMENT, has=(_TYPE, "916")),
    Box(_ATTACHED, (Value("tender", _REFERENCE), Fixed(_TYPE, "50")), has=(_TYPE, "50")),
    _object(_ATTACHED),
    Box(
        "ram:SpecifiedProcuringProject",
        (Value("project", "ram:ID"), Fixed("ram:Name", "Project reference")),
    ),
)
DELIVERY: tuple[Part, ...] = (
    _identifier("location", "ram:ShipToTradeParty/ram:ID", lambda one: not one.scheme),
    _identifier("location", "ram:ShipToTradeParty/ram:GlobalID", lambda one: bool(one.scheme)),
    Value("name", "ram:ShipToTradeParty/ram:Name"),
    One("address", "ram:ShipToTradeParty/ram:PostalTradeAddress", Address, ADDRESS.parts),
    _day("date", "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime"),
    Value("^despatch_advice", f"ram:DespatchAdviceReferencedDocument/{_REFERENCE}"),
    Value("^receiving_advice", f"ram:ReceivingAdviceReferencedDocument/{_REFERENCE}"),
)


def _is_iban(account: str) -> bool:
    return len(account) >= 15 and account[:2].isalpha() and account[2:4].isdigit()


_CREDITED = "ram:PayeePartyCreditorFinancialAccount"
_CARD = "ram:ApplicableTradeSettlementFinancialCard"
PAYMENT: tuple[Part, ...] = (
    Value("code", _TYPE),
    Value("text", "ram:Information"),
    Value("card", f"{_CARD}/ram:ID"),
    Value("card_holder", f"{_CARD}/ram:CardholderName"),
    Value("^debited_account", "ram:PayerPartyDebtorFinancialAccount/ram:IBANID"),
    Value("account", f"{_CREDITED}/ram:IBANID", when=_is_iban),
    Value("account_name", f"{_CREDITED}/ram:AccountName"),
    Value("account", f"{_CREDITED}/ram:ProprietaryID", when=lambda account: not _is_iban(account)),
    Value("bic", "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID"),
)
VAT_BREAKDOWN: tuple[Part, ...] = (
    _number("tax", "ram:CalculatedAmount"),
    _VAT,
    Value("reason", "ram:ExemptionReason"),
    _number("basis", "ram:BasisAmount"),
    Value("category", "ram:CategoryCode"),
    Value("reason_code", "ram:ExemptionReasonCode"),
    _day("^tax_point_date", "ram:TaxPointDate", "udt:DateString"),
    Value("^tax_point_code", "ram:DueDateTypeCode"),
    _number("rate", "ram:RateApplicablePercent"),
)
_SUMS = "ram:SpecifiedTradeSettlementHeaderMonetarySummation"


def _tax_total(field: str, currency: str) -> Value:
    return _number(field, f"{_SUMS}/ram:TaxTotalAmount", attrs={"currencyID": currency}, has=("@currencyID", currency))


SETTLEMENT: tuple[Part, ...] = (
    Value("creditor", "ram:CreditorReferenceID"),
    Value("remittance", "ram:PaymentReference"),
    Value("tax_currency", "ram:TaxCurrencyCode"),
    Value("currency", "ram:InvoiceCurrencyCode"),
    One("payee", "ram:PayeeTradeParty", Party, PARTY),
    Many("payment", "ram:SpecifiedTradeSettlementPaymentMeans", PaymentMeans, PAYMENT),
    Many("vat", "ram:ApplicableTradeTax", VatBreakdown, VAT_BREAKDOWN),
    PERIOD,
    ALLOWANCES,
    Value("payment_terms", "ram:SpecifiedTradePaymentTerms/ram:Description"),
    _day("due_date", "ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime"),
    Value("mandate", "ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID"),
    _number("total_lines", f"{_SUMS}/ram:LineTotalAmount"),
    _number("total_charges", f"{_SUMS}/ram:ChargeTotalAmount"),
    _number("total_allowances", f"{_SUMS}/ram:AllowanceTotalAmount"),
    _number("total_net", f"{_SUMS}/ram:TaxBasisTotalAmount"),
    _tax_total("total_tax", "=currency"),
    _tax_total("total_tax_accounting", "=tax_currency"),
    _number("rounding", f"{_SUMS}/ram:RoundingAmount"),
    _number("total_gross", f"{_SUMS}/ram:GrandTotalAmount"),
    _number("prepaid", f"{_SUMS}/ram:TotalPrepaidAmount"),
    _number("payable", f"{_SUMS}/ram:DuePayableAmount"),
    Many(
        "preceding",
        "ram:InvoiceReferencedDocument",
        Preceding,
        (Value("number", _REFERENCE), _day("date", "ram:FormattedIssueDateTime", "qdt:DateTimeString")),
    ),
    Value("accounting_reference", "ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID"),
)
_DEAL = "rsm:SupplyChainTradeTransaction"
TABLE: Sequence[Part] = (
    Value("process", "rsm:ExchangedDocumentContext/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"),
    Value("specification", "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"),
    Value("number", "rsm:ExchangedDocument/ram:ID"),
    Value("type_code", f"rsm:ExchangedDocument/{_TYPE}"),
    _day("issue_date", "rsm:ExchangedDocument/ram:IssueDateTime"),
    Many(
        "notes",
        "rsm:ExchangedDocument/ram:IncludedNote",
        Note,
        (Value("text", "ram:Content"), Value("subject", "ram:SubjectCode")),
    ),
    Many("lines", f"{_DEAL}/ram:IncludedSupplyChainTradeLineItem", Line, LINE),
    Box(f"{_DEAL}/ram:ApplicableHeaderTradeAgreement", AGREEMENT),
    One("delivery", f"{_DEAL}/ram:ApplicableHeaderTradeDelivery", Delivery, DELIVERY, always=True),
    Box(f"{_DEAL}/ram:ApplicableHeaderTradeSettlement", SETTLEMENT),
)


def write(invoice: Invoice) -> bytes:
    """The document as a Cross Industry Invoice."""
    root = etree.Element(ROOT, nsmap=NAMESPACES)
    binding.written(TABLE, invoice, root, NAMESPACES)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def read(root: Any) -> Invoice:
    """The document that the Cross Industry Invoice says."""
    head = f"{_DEAL}/ram:ApplicableHeaderTradeSettlement"
    known = {
        field: (root.findtext(f"{head}/ram:{name}", "", NAMESPACES) or "").strip()
        for field, name in (("currency", "InvoiceCurrencyCode"), ("tax_currency", "TaxCurrencyCode"))
    }
    found: Invoice = binding.read(TABLE, Invoice, root, NAMESPACES, **known)
    return found
