"""Our books as beancount reads them: no error, every assertion holds, and every account comes to the same."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from deploy.trials import Cases, say


def compare(cases: Cases, company: Any, file: Path, until: date) -> None:
    """Export, let beancount check and add up, and compare account by account."""
    from beancount import loader  # only the tests' environment has it
    from beancount.core import data

    from erp.ledger.plaintext import Beancount, books
    from erp.ledger.reports import trial_balance

    with file.open("w", encoding="utf-8") as out:
        out.writelines(books(company, Beancount()))
    say(f"{file.stat().st_size / 1e6:.1f} MB for beancount")
    entries, errors, _options = loader.load_file(str(file))
    cases.that(not errors, f"beancount: {[error.message for error in errors[:5]]}")
    theirs: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        for posting in entry.postings if isinstance(entry, data.Transaction) else ():
            amount = posting.units.number if posting.units else None
            assert amount is not None, entry  # beancount has filled in what was left out
            theirs[posting.account.split(":")[1].split("-")[0]] += amount
    for row in trial_balance(company, as_of=until).rows:
        found = theirs.pop(row.account.code, Decimal(0))
        cases.that(found == row.closing, f"{row.account.code}: beancount {found}, we {row.closing}")
    cases.that(not any(theirs.values()), f"beancount has more: {dict(theirs)}")
