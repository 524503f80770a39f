"""Half a year of a real company from its file: every line booked or refused with a reason, its VAT declared, and the
books that follow.

The file is the Online Retail data set of UCI (D. Chen, CC BY 4.0), which is no part of this repository: RETAIL names
it, or it is looked for beside the repository. Without it a sample of the same shape, made here, is taken.
"""

import csv
import gzip
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from deploy.environment import ROOT
from deploy.trials import Cases, manage, own_server, say
from proofs import _beancount, hledger

FILE = ROOT.parent / "shared/data/online_retail_uci/online_retail_2010-12_2011-05.csv.gz"
MONTHS = [date(2010, 12, 1), *(date(2011, month, 1) for month in range(1, 6))]
LAST = date(2011, 5, 31)
RISE = date(2011, 1, 4)  # from 17.5 to 20 per cent
LINES = int(os.environ.get("LINES", "0"))  # so many lines only
HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")


def check(cases: Cases) -> None:
    """Import, import again, close, compare."""
    with own_server("erp") as var:
        company = open_books()
        files, lines = _by_month(var)
        counts = _imported(var, files)
        say(f"{lines} lines: {dict(counts)}")
        cases.that(sum(counts.values()) == lines, f"{sum(counts.values())} answers for {lines} lines")
        again = _imported(var, files)
        cases.that(not again["new"] and again["unchanged"] == counts["new"], f"the second import: {dict(again)}")
        cases.that(again["error"] == counts["error"], f"refused at first {counts['error']}, then {again['error']}")
        declared(cases, company, var, files)
        books_hold(cases, company, files, counts["new"])
        hledger.compare(cases, company, var / "books.journal", LAST)
        _beancount.compare(cases, company, var / "books.beancount", LAST)


def open_books() -> Any:
    """A company in London with its years and its accountants; what it is taxed says the pack of its country."""
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group

    from erp.ledger.seeding import open_year, seed_company

    company = seed_company("RETAIL", "Online Retail", "GBP", "GB")
    for year in (2010, 2011):
        open_year(company, year)
    user = get_user_model().objects.create_user("anna")
    user.groups.add(Group.objects.get_or_create(name="accountant")[0])
    return company


def _imported(var: Path, files: list[Path]) -> Counter[str]:
    """Month after month by the command, as the accountant does it."""
    counts: Counter[str] = Counter()
    for path in files:
        counts += counted(manage(var, "erp", "import", "shop-sales", str(path), "--as", "anna"))
    return counts


def counted(told: str) -> Counter[str]:
    """What the command says at its end, by outcome."""
    from base.exchange.models import Outcome

    (said,) = re.findall(r"Imported: (.*?)  \(import", told)
    by_label = {str(label): name for name, label in Outcome.choices}
    return Counter({by_label[label]: int(n) for n, label in re.findall(r"(\d+) ([^,]+)", said)})


def declared(cases: Cases, company: Any, var: Path, files: list[Path]) -> None:
    """Two quarters are filed: each box is what the file says, no tax is left out, and neither takes a sale any more."""
    from django.contrib.auth import get_user_model

    from erp.ledger.models import JournalEntry
    from erp.tax import returns

    anna = get_user_model().objects.get(username="anna")
    for start in (MONTHS[0], MONTHS[3]):
        span = returns.span_from(start, 3)
        filed: Any = returns.file(company, span, anna)
        drawn = returns.drawn_as_filed(filed.versions.get())
        net, tax = _taxed(files, span)
        said = {code: drawn.figure(code).amount for code in ("T1", "T4", "PAY")}
        cases.that(said == {"T1": tax, "T4": Decimal(0), "PAY": tax}, f"{span}: {said}, the file says {tax}")
        sold = drawn.figure("S6").amount - drawn.figure("N7").amount  # fees that came back lessen what they cost
        cases.that(abs(sold - net) < 1, f"{span}: {sold} without tax, the file says {net}")
        cases.that(not drawn.left_out, f"{span}: {drawn.left_out} is declared nowhere")
    say(f"filed: {', '.join(f'{one.starts_on} to pay {one.payable}' for one in _returns(company))}")
    entries = JournalEntry.objects.count()
    late = var / "late.csv"
    late.write_text(f"{','.join(HEADER)}\n999999,LATE,Forgotten,1,2011-02-28 08:26:00,9.99,17000.0,United Kingdom\n")
    told = _imported(var, [late])
    cases.that(told == {"error": 1}, f"a sale of a filed span: {dict(told)}")
    cases.that(JournalEntry.objects.count() == entries, "a sale of a filed span is in the books")


def _returns(company: Any) -> Any:
    from erp.tax.models import VatReturn

    return VatReturn.objects.filter(company=company).order_by("starts_on")


def books_hold(cases: Cases, company: Any, files: list[Path], accepted: int) -> None:
    """What was accepted is in the books to the penny, the periods close, the statements tie, every invariant holds."""
    from django.contrib.auth import get_user_model
    from django.db.models import Sum

    from erp.ledger import closing, sealing
    from erp.ledger.models import JournalEntry, JournalLine, Period
    from erp.ledger.reports import trial_balance
    from erp.proof.models import Finding
    from erp.proof.services import prove

    cases.that(JournalEntry.objects.count() == accepted, f"{JournalEntry.objects.count()} entries of {accepted} lines")
    turnover = JournalLine.objects.filter(account__type__in=("income", "expense")).aggregate(
        of=Sum("credit") - Sum("debit")
    )["of"]
    expected = sum((amount for path in files for _day, amount in _lines(path)), Decimal(0))
    cases.that(turnover == expected, f"turnover {turnover}, the file says {expected}")
    sealing.fold()
    anna = get_user_model().objects.get(username="anna")
    for month in MONTHS:
        period = closing.close(Period.objects.get(starts_on=month, company=company), anna, "closed", "proof")
        cases.that(period.status == "closed", f"{period} is {period.status}")
    balance = trial_balance(company, LAST)
    cases.that(not balance.difference, f"the trial balance is out by {balance.difference}")
    run = prove()
    for finding in Finding._default_manager.filter(run=run):
        cases.that(finding.holds, f"{finding.code}: {finding.rows} rows, {finding.sample[:3]} {finding.error}")


def _taxed(files: list[Path], span: Any) -> tuple[Decimal, Decimal]:
    """What the span's sales come to without tax, and their tax, each line rounded by itself."""
    net = tax = Decimal(0)
    for day, amount in (line for path in files for line in _lines(path)):
        if span.start <= day <= span.end:
            net += amount
            tax += (amount * Decimal("0.20" if day >= RISE else "0.175")).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    return net, tax


def _lines(path: Path) -> Iterator[tuple[date, Decimal]]:
    """The file's sales with their days, read here by a rule of its own."""
    seen = set()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            quantity, price = Decimal(row["Quantity"]), Decimal(row["UnitPrice"])
            what = (row["InvoiceNo"], row["StockCode"].strip(), quantity, price, row["InvoiceDate"][:10])
            amount = (quantity * price).quantize(Decimal("0.01"), "ROUND_HALF_UP")
            if price > 0 and amount and (quantity < 0) == row["InvoiceNo"].startswith("C") and what not in seen:
                seen.add(what)
                yield date.fromisoformat(row["InvoiceDate"][:10]), amount


def _by_month(var: Path) -> tuple[list[Path], int]:
    """The file in one CSV a month, and how many lines it has; one import takes 200,000 rows at most."""
    source = Path(os.environ.get("RETAIL", FILE))
    if source.is_file():
        opened = gzip.open if source.suffix == ".gz" else open
        with opened(source, "rt", encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
    else:
        say(f"There is no {source}: a sample is taken.")
        rows = list(csv.reader(sample(2_000).splitlines()))
    header, *lines = rows[: LINES + 1 if LINES else None]
    months: dict[str, list[list[str]]] = {}
    for line in lines:
        months.setdefault(line[4][:7], []).append(line)
    files = []
    for month, chosen in sorted(months.items()):
        files.append(var / f"sales-{month}.csv")
        with files[-1].open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([header, *chosen])
    return files, len(lines)


def sample(lines: int) -> str:
    """Lines of the same shape and dirt, all made up."""
    rows = [",".join(HEADER)]
    for n in range(lines):
        day, document, sku, quantity, price = (
            MONTHS[n % 6].replace(day=1 + n % 28),
            500000 + n // 5,
            f"S{n}",
            1 + n % 9,
            "2.55",
        )
        mark = ""
        if n % 17 == 3:
            mark, quantity = "C", -quantity
        elif n % 19 == 4:
            sku = ("POST", "DOT", "BANK CHARGES", "M")[n % 4]
        elif n % 23 == 5:
            price = "0"
        elif n % 29 == 6:
            quantity = -quantity
        rows.append(
            f"{mark}{document},{sku},Thing {n},{quantity},{day} 08:26:00,{price},{17000 + n % 50}.0,United Kingdom"
        )
        if n % 31 == 7:
            rows.append(rows[-1])
    return "\n".join(rows) + "\n"
