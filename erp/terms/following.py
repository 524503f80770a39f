"""Who else must act when terms are changed: parties add themselves in `AppConfig.ready`."""

from collections.abc import Callable

from erp.terms.models import PaymentTerms

CHANGED: list[Callable[[PaymentTerms], object]] = []


def changed(terms: PaymentTerms) -> None:
    """Tell all followers; inside the change's own transaction."""
    for follower in CHANGED:
        follower(terms)
