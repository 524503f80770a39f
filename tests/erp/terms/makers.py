"""Payment terms as examples."""

from decimal import Decimal

from erp.terms.models import PaymentTerms
from erp.terms.schedule import Step
from erp.terms.services import seed_terms, write_terms
from tests.erp.makers import company, user


def terms(code: str) -> PaymentTerms:
    """One of those a company begins with: `terms("HALF")`."""
    seed_terms(company())
    return PaymentTerms.objects.get(code=code)


def written(code: str, *lines: Step) -> PaymentTerms:
    """Others: `written("TWICE", Step(Decimal(30), 10), Step(None, 40))`."""
    company()
    return write_terms(code, code.title(), lines or (Step(Decimal(100), 10),), user("accountant"))
