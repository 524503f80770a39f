"""Every record that may change keeps its history, or says here why not."""

from django.apps import apps
from django.conf import settings

COUNTERS = "a running number or balance, written by the database's own functions"
FOR_GOOD = "written once; the database refuses a change"
ONCE = "written once, with what was found at that moment; no verb changes it"
TECHNICAL = "state of a machine, not a record of the business"
FROM_ERP = "the ERP's words as they came, each with its time"
QUEUE = "its own state, attempts and moments are the history of the telling"
NUMBERS = "how far the numbers of a stream have come, written by the relay"
PERSONAL = "one person's own convenience"

WITHOUT = {
    "access.ApiToken": "made, used and revoked, never edited; each moment is a column of its own",
    "access.BulkChange": FOR_GOOD,
    "access.Import": "its own state, counts and moments are the history of the run",
    "access.ImportMapping": PERSONAL,
    "access.ImportedRow": "what an import did to a row, so that it can be taken back",
    "access.Job": "its own state and moments are the history of the work",
    "access.Notice": PERSONAL,
    "access.RateCount": TECHNICAL,
    "access.RememberedCall": TECHNICAL,
    "access.SavedView": PERSONAL,
    "access.SignIn": TECHNICAL,
    "accounts.Merge": "written once and split once; the database refuses another change",
    "accounts.PoolStay": "opened once and ended once; who, when and why are columns, and the database keeps them",
    "accounts.PoolWarning": TECHNICAL,
    "leads.Conversion": ONCE,
    "meter.Measure": "written once; the database refuses a change, and lets go of what is old",
    "offline.Operation": "written once with its answer; given up is a moment of its own",
    "offline.Clash": "both values and who chose when are columns of its own",
    "tickets.TicketMessage": "what was said stays said",
    "pipeline.PriceApproval": "asked once, answered once; who, when and why are columns of its own",
    "pipeline.Quote": FOR_GOOD,
    "pipeline.DealOrder": FROM_ERP,
    "pipeline.DealOrderStep": FROM_ERP,
    "pipeline.DealShipment": FROM_ERP,
    "pipeline.DealInvoice": FROM_ERP,
    "pipeline.DealPayment": FROM_ERP,
    "liaison.Amendment": "asked once, ticked off once; who, when and what was done are columns of its own",
    "liaison.HubPulse": TECHNICAL,
    "webhooks.Delivery": "its own state, attempts and moments are the history of the telling",
    "proof.Run": ONCE,
    "proof.Finding": ONCE,
    "ledger.Attachment": "kept once, by whom and when are columns; taken away only from what is not posted",
    "ledger.JournalEntry": FOR_GOOD,
    "ledger.JournalLine": FOR_GOOD,
    "ledger.FiscalYear": FOR_GOOD,
    "ledger.Period": "each change of its state is a PeriodChange with reason and person",
    "ledger.PeriodChange": FOR_GOOD,
    "ledger.Series": COUNTERS,
    "ledger.DaySum": COUNTERS,
    "ledger.FoldMark": COUNTERS,
    "ledger.MonthSum": COUNTERS,
    "ledger.Seal": FOR_GOOD,
    "tax.VatReturn": "each filing is a version of its own; who took it up again and why are columns",
    "tax.ReturnVersion": FOR_GOOD,
    "invoices.Invoice": FOR_GOOD,
    "invoices.InvoiceLine": FOR_GOOD,
    "invoices.Instalment": FOR_GOOD,
    "invoices.InvoiceDocument": FOR_GOOD,
    "invoices.OpenItem": COUNTERS,
    "invoices.Allocation": FOR_GOOD,
    "invoices.NumberSeries": COUNTERS,
    "banking.Receipt": FOR_GOOD,
    "bills.BillInstalment": FOR_GOOD,
    "bills.BillPayment": FOR_GOOD,
    "fapiao.FapiaoAmount": FOR_GOOD,
    "revaluation.Revaluation": FOR_GOOD,
    "revaluation.RevaluationLine": FOR_GOOD,
    "openings.OpeningBalance": FOR_GOOD,
    "openings.OpeningLine": FOR_GOOD,
    "openings.OpeningItem": FOR_GOOD,
    "openings.OpeningAllocation": FOR_GOOD,
    "recurring.Occurrence": FOR_GOOD,
    "einvoice.Received": FOR_GOOD,
    "inventory.StockMove": FOR_GOOD,
    "inventory.StockBalance": COUNTERS,
    "inventory.StockReservation": COUNTERS,
    "inventory.ValueTold": COUNTERS,
    "products.Price": FOR_GOOD,
    "returns.GoodsBack": FOR_GOOD,
    "shipping.ShipmentLine": FOR_GOOD,
    "hub.Alert": "told and ended by the watch; when it began and ended are columns of its own",
    "hub.Archived": "what was said, as it was said; the database refuses a change but for an erasure, which is a row",
    "hub.CaseHit": "written once for each event that met the case",
    "hub.Comparison": ONCE,
    "hub.Delivery": QUEUE,
    "hub.Erasure": ONCE,
    "hub.Known": "what events say of a record, so that two sides can be compared; the events are its history",
    "hub.Observation": "a dry run: written when it is due and once more with what came of it",
    "hub.Pulse": TECHNICAL,
    "hub.Quarantined": "written once, with what could not be read",
    "hub.Resigned": ONCE,
    "hub.RouteStream": NUMBERS,
    "hub.Seal": FOR_GOOD,
    "hub.SealedEvent": FOR_GOOD,
    "hub.SetAside": "written once for each event that waits for its case, taken away when the case lets it go",
    "hub.Stream": NUMBERS,
    "inbox.Gap": "stands while something is missing, and goes when it has come",
    "inbox.Incoming": QUEUE,
    "inbox.Position": NUMBERS,
    "inbox.Refusal": "a minute of the same refusals in one row, counted by the database's own function",
    "outbox.LaneLease": TECHNICAL,
    "outbox.LaneMember": TECHNICAL,
    "outbox.Message": QUEUE,
    "outbox.Stream": NUMBERS,
}


def test_what_is_excused_is_there_and_keeps_none():
    kept = {model._meta.label for model in _ours() if hasattr(model, "history")}

    assert sorted(kept.intersection(WITHOUT)) == []
    assert [label for label, why in WITHOUT.items() if not why] == []


def _ours() -> list[type]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.split(".")[0] in (settings.SIDE, "integration")
        and not hasattr(model, "instance_type")
        and model._meta.managed
        and not model._meta.proxy
    ]


def test_every_mutable_record_keeps_its_history():
    silent = sorted(
        model._meta.label for model in _ours() if not hasattr(model, "history") and model._meta.label not in WITHOUT
    )

    assert silent == []
