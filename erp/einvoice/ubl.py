"""EN 16931 in UBL 2.1: Invoice and CreditNote (CEN/TS 16931-3-2)."""

from collections.abc import Sequence
from typing import Any

from lxml import etree

from erp.einvoice import binding
from erp.einvoice.binding import DATE, FLAG, NUMBER, Attr, Box, Fixed, Many, One, Part, Scope, Value, coded, xml_text
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

ROOTS = {
    "Invoice": "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    "CreditNote": "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
}
NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
TAX_POINTS = coded({"5": "3", "29": "35", "72": "432"})  # UNTDID 2475 of the norm, UNTDID 2005 of UBL
CURRENCY = {"currencyID": "=currency"}
VAT = ("cac:TaxScheme/cbc:ID", "VAT")
OBJECT = ("cbc:DocumentTypeCode", "130")
PROJECT = ("cbc:DocumentTypeCode", "50")


class SubjectNote:
    """BT-21 stands before the text, between two number signs."""

    def write(self, source: Any, node: Any, scope: Scope) -> bool:
        for note in source.notes:
            subject = f"#{note.subject}#" if note.subject else ""
            scope.reach(node, "cbc:Note").text = xml_text(subject + note.text)
        return bool(source.notes)

    def read(self, told: dict[str, Any], node: Any, scope: Scope) -> None:
        told["notes"] = tuple(_note((one.text or "").strip()) for one in scope.find(node, "cbc:Note") if one.text)


class Order:
    """UBL wants an order's number beside the seller's own number of it; NA is said where the buyer gave none."""

    def write(self, source: Any, node: Any, scope: Scope) -> bool:
        if source.order or source.sales_order:
            scope.reach(node, "cac:OrderReference/cbc:ID").text = xml_text(source.order or "NA")
        if source.sales_order:
            scope.reach(node, "cac:OrderReference/cbc:SalesOrderID").text = xml_text(source.sales_order)
        return bool(source.order or source.sales_order)

    def read(self, told: dict[str, Any], node: Any, scope: Scope) -> None:
        for field, name in (("order", "ID"), ("sales_order", "SalesOrderID")):
            Value(field, f"cac:OrderReference/cbc:{name}").read(told, node, scope)
        if told.get("sales_order") and told.get("order") == "NA":
            del told["order"]


def _note(told: str) -> Note:
    subject, sign, rest = told[1:].partition("#") if told.startswith("#") else ("", "", told)
    return Note(text=rest, subject=subject) if sign and len(subject) == 3 else Note(text=told)


def _amount(field: str, path: str) -> Value:
    return Value(field, path, NUMBER, CURRENCY)


def _identifier(field: str, path: str, **tests: Any) -> One:
    return One(field, path, Identifier, (Value("value", "."), Attr("scheme", "schemeID")), **tests)


def _period(path: str, *more: Part) -> One:
    parts = (Value("start", "cbc:StartDate", DATE), Value("end", "cbc:EndDate", DATE), *more)
    return One("period", path, Period, parts)


def _category(path: str, *more: Part) -> Box:
    parts = (
        Value("category", "cbc:ID"),
        Value("rate", "cbc:Percent", NUMBER),
        *more,
        Fixed("cac:TaxScheme/cbc:ID", "VAT"),
    )
    return Box(path, parts)


ADDRESS = (
    Value("line1", "cbc:StreetName"),
    Value("line2", "cbc:AdditionalStreetName"),
    Value("city", "cbc:CityName"),
    Value("postal_code", "cbc:PostalZone"),
    Value("region", "cbc:CountrySubentity"),
    Value("line3", "cac:AddressLine/cbc:Line"),
    Value("country", "cac:Country/cbc:IdentificationCode"),
)
_ID = (Value("value", "cbc:ID"), Attr("scheme", "schemeID", "cbc:ID"))
IDENTIFIERS = Many("identifiers", "cac:PartyIdentification", Identifier, _ID, lacks=("cbc:ID/@schemeID", "SEPA"))
CREDITOR = Box(
    "cac:PartyIdentification",
    (Value("^creditor", "cbc:ID", attrs={"schemeID": "SEPA"}),),
    has=("cbc:ID/@schemeID", "SEPA"),
)
VAT_ID = Box("cac:PartyTaxScheme", (Value("vat_id", "cbc:CompanyID"), Fixed(*VAT)), has=VAT)
TAX_NUMBER = Box(
    "cac:PartyTaxScheme", (Value("tax_number", "cbc:CompanyID"), Fixed("cac:TaxScheme/cbc:ID", "FC")), lacks=VAT
)
CONTACT = One(
    "contact",
    "cac:Contact",
    Contact,
    (Value("name", "cbc:Name"), Value("phone", "cbc:Telephone"), Value("email", "cbc:ElectronicMail")),
)


def _party(creditor: Sequence[Part] = ()) -> tuple[Part, ...]:
    return (
        _identifier("endpoint", "cbc:EndpointID"),
        IDENTIFIERS,
        *creditor,
        Value("trading_name", "cac:PartyName/cbc:Name"),
        One("address", "cac:PostalAddress", Address, ADDRESS),
        VAT_ID,
        TAX_NUMBER,
        Value("name", "cac:PartyLegalEntity/cbc:RegistrationName"),
        _identifier("registration", "cac:PartyLegalEntity/cbc:CompanyID"),
        Value("legal_form", "cac:PartyLegalEntity/cbc:CompanyLegalForm"),
        CONTACT,
    )


PAYEE = (
    IDENTIFIERS,
    Value("name", "cac:PartyName/cbc:Name"),
    _identifier("registration", "cac:PartyLegalEntity/cbc:CompanyID"),
)
REPRESENTATIVE = (
    Value("name", "cac:PartyName/cbc:Name"),
    One("address", "cac:PostalAddress", Address, ADDRESS),
    VAT_ID,
)
DELIVERY = (
    Value("date", "cbc:ActualDeliveryDate", DATE),
    _identifier("location", "cac:DeliveryLocation/cbc:ID"),
    One("address", "cac:DeliveryLocation/cac:Address", Address, ADDRESS),
    Value("name", "cac:DeliveryParty/cac:PartyName/cbc:Name"),
)
ALLOWANCE = (
    Value("charge", "cbc:ChargeIndicator", FLAG),
    Value("reason_code", "cbc:AllowanceChargeReasonCode"),
    Value("reason", "cbc:AllowanceChargeReason"),
    Value("percent", "cbc:MultiplierFactorNumeric", NUMBER),
    _amount("amount", "cbc:Amount"),
    _amount("base", "cbc:BaseAmount"),
    _category("cac:TaxCategory"),
)
VAT_BREAKDOWN = (
    _amount("basis", "cbc:TaxableAmount"),
    _amount("tax", "cbc:TaxAmount"),
    _category(
        "cac:TaxCategory",
        Value("reason_code", "cbc:TaxExemptionReasonCode"),
        Value("reason", "cbc:TaxExemptionReason"),
    ),
)
_BINARY = "cac:Attachment/cbc:EmbeddedDocumentBinaryObject"
ATTACHMENT = (
    Value("reference", "cbc:ID"),
    Value("description", "cbc:DocumentDescription"),
    Value("content", _BINARY),
    Attr("mime", "mimeCode", _BINARY),
    Attr("filename", "filename", _BINARY),
    Value("address", "cac:Attachment/cac:ExternalReference/cbc:URI"),
)
ATTRIBUTE = (Value("name", "cbc:Name"), Value("value", "cbc:Value"))
CLASSIFICATION = (
    Value("code", "cbc:ItemClassificationCode"),
    Attr("scheme", "listID", "cbc:ItemClassificationCode"),
    Attr("version", "listVersionID", "cbc:ItemClassificationCode"),
)
_OBJECT_PARTS = (*_ID, Fixed(*OBJECT))


def _line(quantity: str) -> tuple[Part, ...]:
    return (
        Value("number", "cbc:ID"),
        Value("note", "cbc:Note"),
        Value("quantity", quantity, NUMBER),
        Attr("unit", "unitCode", quantity),
        _amount("net", "cbc:LineExtensionAmount"),
        Value("accounting_reference", "cbc:AccountingCost"),
        _period("cac:InvoicePeriod"),
        Value("order_line", "cac:OrderLineReference/cbc:LineID"),
        One("object", "cac:DocumentReference", Identifier, _OBJECT_PARTS, has=OBJECT),
        Many("allowances", "cac:AllowanceCharge", Allowance, ALLOWANCE),
        Value("description", "cac:Item/cbc:Description"),
        Value("name", "cac:Item/cbc:Name"),
        Value("buyer_item", "cac:Item/cac:BuyersItemIdentification/cbc:ID"),
        Value("seller_item", "cac:Item/cac:SellersItemIdentification/cbc:ID"),
        _identifier("standard_item", "cac:Item/cac:StandardItemIdentification/cbc:ID"),
        Value("origin", "cac:Item/cac:OriginCountry/cbc:IdentificationCode"),
        Many("classifications", "cac:Item/cac:CommodityClassification", Classification, CLASSIFICATION),
        _category("cac:Item/cac:ClassifiedTaxCategory"),
        Many("attributes", "cac:Item/cac:AdditionalItemProperty", Attribute, ATTRIBUTE),
        _amount("price", "cac:Price/cbc:PriceAmount"),
        Value("base_quantity", "cac:Price/cbc:BaseQuantity", NUMBER),
        Attr("base_unit", "unitCode", "cac:Price/cbc:BaseQuantity"),
        Box(
            "cac:Price/cac:AllowanceCharge",
            (
                Fixed("cbc:ChargeIndicator", "false"),
                _amount("price_discount", "cbc:Amount"),
                _amount("gross_price", "cbc:BaseAmount"),
            ),
        ),
    )


def _payment(*due: Part) -> tuple[Part, ...]:
    card = "cac:CardAccount"
    account = "cac:PayeeFinancialAccount"
    return (
        Value("code", "cbc:PaymentMeansCode"),
        Attr("text", "name", "cbc:PaymentMeansCode"),
        *due,
        Value("^remittance", "cbc:PaymentID"),
        Box(
            card,
            (
                Value("card", "cbc:PrimaryAccountNumberID"),
                Fixed("cbc:NetworkID", "NA"),
                Value("card_holder", "cbc:HolderName"),
            ),
        ),
        Value("account", f"{account}/cbc:ID"),
        Value("account_name", f"{account}/cbc:Name"),
        Value("bic", f"{account}/cac:FinancialInstitutionBranch/cbc:ID"),
        Value("^mandate", "cac:PaymentMandate/cbc:ID"),
        Value("^debited_account", "cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"),
    )


_POINT = Value("tax_point_date", "cbc:TaxPointDate", DATE)
_TENDER = Value("tender", "cac:OriginatorDocumentReference/cbc:ID")
_CONTRACT = Value("contract", "cac:ContractDocumentReference/cbc:ID")
_ATTACHED: tuple[Part, ...] = (
    One("object", "cac:AdditionalDocumentReference", Identifier, _OBJECT_PARTS, has=OBJECT),
    Many("attachments", "cac:AdditionalDocumentReference", Attachment, ATTACHMENT, lacks=("cbc:DocumentTypeCode", "")),
)
_PROJECT_OF_CREDIT = Box("cac:AdditionalDocumentReference", (Value("project", "cbc:ID"), Fixed(*PROJECT)), has=PROJECT)
_PRECEDING = (Value("number", "cbc:ID"), Value("date", "cbc:IssueDate", DATE))


def _head(dated: Sequence[Part], references: Sequence[Part]) -> tuple[Part, ...]:
    return (
        Value("specification", "cbc:CustomizationID"),
        Value("process", "cbc:ProfileID"),
        Value("number", "cbc:ID"),
        Value("issue_date", "cbc:IssueDate", DATE),
        *dated,
        Value("currency", "cbc:DocumentCurrencyCode"),
        Value("tax_currency", "cbc:TaxCurrencyCode"),
        Value("accounting_reference", "cbc:AccountingCost"),
        Value("buyer_reference", "cbc:BuyerReference"),
        _period("cac:InvoicePeriod", Value("^tax_point_code", "cbc:DescriptionCode", TAX_POINTS)),
        Order(),
        Many("preceding", "cac:BillingReference/cac:InvoiceDocumentReference", Preceding, _PRECEDING),
        Value("despatch_advice", "cac:DespatchDocumentReference/cbc:ID"),
        Value("receiving_advice", "cac:ReceiptDocumentReference/cbc:ID"),
        *references,
    )


def _body(line: str, quantity: str, payment: Sequence[Part]) -> tuple[Part, ...]:
    return (
        One("seller", "cac:AccountingSupplierParty/cac:Party", Party, _party((CREDITOR,))),
        One("buyer", "cac:AccountingCustomerParty/cac:Party", Party, _party()),
        One("payee", "cac:PayeeParty", Party, PAYEE),
        One("representative", "cac:TaxRepresentativeParty", Party, REPRESENTATIVE),
        One("delivery", "cac:Delivery", Delivery, DELIVERY),
        Many("payment", "cac:PaymentMeans", PaymentMeans, payment),
        Value("payment_terms", "cac:PaymentTerms/cbc:Note"),
        Many("allowances", "cac:AllowanceCharge", Allowance, ALLOWANCE),
        Box(
            "cac:TaxTotal",
            (
                _amount("total_tax", "cbc:TaxAmount"),
                Many("vat", "cac:TaxSubtotal", VatBreakdown, VAT_BREAKDOWN),
            ),
            has=("cbc:TaxAmount/@currencyID", "=currency"),
        ),
        Box(
            "cac:TaxTotal",
            (Value("total_tax_accounting", "cbc:TaxAmount", NUMBER, {"currencyID": "=tax_currency"}),),
            has=("cbc:TaxAmount/@currencyID", "=tax_currency"),
            lacks=("cbc:TaxAmount/@currencyID", "=currency"),
        ),
        *(
            _amount(field, f"cac:LegalMonetaryTotal/cbc:{name}")
            for field, name in (
                ("total_lines", "LineExtensionAmount"),
                ("total_net", "TaxExclusiveAmount"),
                ("total_gross", "TaxInclusiveAmount"),
                ("total_allowances", "AllowanceTotalAmount"),
                ("total_charges", "ChargeTotalAmount"),
                ("prepaid", "PrepaidAmount"),
                ("rounding", "PayableRoundingAmount"),
                ("payable", "PayableAmount"),
            )
        ),
        Many("lines", line, Line, _line(quantity)),
    )


TABLES: dict[str, tuple[Part, ...]] = {
    "Invoice": (
        *_head(
            (
                Value("due_date", "cbc:DueDate", DATE),
                Value("type_code", "cbc:InvoiceTypeCode"),
                SubjectNote(),
                _POINT,
            ),
            (_TENDER, _CONTRACT, *_ATTACHED, Value("project", "cac:ProjectReference/cbc:ID")),
        ),
        *_body("cac:InvoiceLine", "cbc:InvoicedQuantity", _payment()),
    ),
    "CreditNote": (
        *_head(
            (_POINT, Value("type_code", "cbc:CreditNoteTypeCode"), SubjectNote()),
            (_CONTRACT, *_ATTACHED, _PROJECT_OF_CREDIT, _TENDER),
        ),
        *_body(
            "cac:CreditNoteLine",
            "cbc:CreditedQuantity",
            _payment(Value("^due_date", "cbc:PaymentDueDate", DATE)),
        ),
    ),
}


def write(invoice: Invoice) -> bytes:
    """The document as UBL."""
    name = "CreditNote" if invoice.is_credit_note else "Invoice"
    names: dict[str | None, str] = {None: ROOTS[name]}
    names.update(NAMESPACES)
    root = etree.Element(f"{{{ROOTS[name]}}}{name}", nsmap=names)
    binding.written(TABLES[name], invoice, root, NAMESPACES)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def read(root: Any) -> Invoice:
    """The document that the UBL says."""
    known = {
        field: (root.findtext(f"cbc:{name}", "", NAMESPACES) or "").strip()
        for field, name in (("currency", "DocumentCurrencyCode"), ("tax_currency", "TaxCurrencyCode"))
    }
    found: Invoice = binding.read(TABLES[etree.QName(root).localname], Invoice, root, NAMESPACES, **known)
    return found
