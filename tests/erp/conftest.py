from collections.abc import Iterator

import pytest

from erp.tax.services import forget


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    """No rate of tax is remembered from one test to the next."""
    forget()
    yield
    forget()
