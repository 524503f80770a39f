"""What the ERP says about a customer: kept on the account, told on the timeline."""

from crm.activities import services
from integration.contracts.credit import CreditBanded
from integration.contracts.parties import PartyClassed, PartyOpened
from integration.inbox import EventMeta, handles


@handles(PartyOpened)
def party_opened(event: PartyOpened, meta: EventMeta) -> None:
    services.hear_party_opened(
        event.customer,
        party=event.party,
        payment_terms_days=event.payment_terms_days,
        commercial_tier=event.commercial_tier,
        credit_class=event.credit_class,
        event_id=meta.id,
        as_of=meta.time,
    )


@handles(PartyClassed)
def party_classed(event: PartyClassed, meta: EventMeta) -> None:
    services.hear_party_classed(
        event.customer,
        party=event.party,
        payment_terms_days=event.payment_terms_days,
        commercial_tier=event.commercial_tier,
        credit_class=event.credit_class,
        event_id=meta.id,
        as_of=meta.time,
    )


@handles(CreditBanded)
def credit_banded(event: CreditBanded, meta: EventMeta) -> None:
    services.hear_credit_banded(event.customer, band=event.band, event_id=meta.id, as_of=meta.time)
