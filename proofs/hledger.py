"""Our books as hledger and beancount read them: every balance and every assertion, by programs that are not ours."""

import csv
import random
import shutil
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from deploy.testing import install_debian
from deploy.trials import Cases, own_server, say
from proofs import _beancount

ENTRIES = 5_000
FIRST_DAY = date(2026, 1, 1)


def check(cases: Cases) -> None:
    """Post some thousand entries of every shape, export, and let hledger and beancount add up."""
    with own_server("erp") as var:
        from erp.ledger.models import Account  # the side is loaded by own_server
        from erp.ledger.services import seed_company

        company = seed_company()
        accounts = list(Account.objects.filter(is_group=False, control=False).values_list("code", flat=True))
        _post(accounts)
        compare(cases, company, var / "books.journal", date(2026, 12, 31))
        _beancount.compare(cases, company, var / "books.beancount", date(2026, 12, 31))
        say(f"{ENTRIES} entries")


def compare(cases: Cases, company: Any, file: Path, until: date) -> None:
    """Export the books, let hledger check and add up, and compare account by account."""
    from erp.ledger.plaintext import Hledger, books
    from erp.ledger.reports import trial_balance

    if not shutil.which("hledger"):
        install_debian("hledger")
    with file.open("w", encoding="utf-8") as out:
        out.writelines(books(company, Hledger()))
    say(f"{file.stat().st_size / 1e6:.1f} MB for hledger")
    checked = subprocess.run(["hledger", "-f", str(file), "check"], capture_output=True, text=True)
    cases.that(checked.returncode == 0, f"hledger check: {checked.stderr[-2000:]}")
    theirs = _balances(file)
    for row in trial_balance(company, as_of=until).rows:
        found = theirs.pop(row.account.code, Decimal(0))
        cases.that(found == row.closing, f"{row.account.code}: hledger {found}, we {row.closing}")
    cases.that(not any(theirs.values()), f"hledger has more: {theirs}")


def _post(accounts: list[str]) -> None:
    from erp.ledger.services import Line, Posting, post, reverse

    dice = random.Random(5)
    entries = []
    for number in range(ENTRIES):
        amounts = [Decimal(dice.randint(1, 10_000_000)) / 100 for _line in range(dice.randint(1, 5))]
        lines = [Line(dice.choice(accounts), debit=amount, text=f"Zeile {number} ; | “房租”") for amount in amounts]
        lines.append(Line(dice.choice(accounts), credit=sum(amounts, Decimal(0))))
        day = FIRST_DAY + timedelta(days=dice.randint(0, 330))
        entries.append(post(Posting("general", day, f"No. {number} (a; b | c)", f"proof:{number}", lines)))
    for entry in dice.sample(entries, 100):
        reverse(entry, entry.date, "by mistake")


def _balances(file: object) -> dict[str, Decimal]:
    command = ["hledger", "-f", str(file), "balance", "--flat", "--no-elide", "-E", "-N", "-O", "csv"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rows = list(csv.reader(told.splitlines()))[1:]
    return {name.split(":")[1].split(" ")[0]: Decimal(amount.split(" ")[0]) for name, amount in rows}
