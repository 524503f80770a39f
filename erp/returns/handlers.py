"""What the CRM says that concerns returns."""

from erp.returns import services as returns
from integration.contracts.returns import ReturnRequested
from integration.inbox import EventMeta, handles


@handles(ReturnRequested)
def return_requested(event: ReturnRequested, meta: EventMeta) -> None:
    returns.request_return(event, meta.id)
