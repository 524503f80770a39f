"""Books with very many entries, written past the posting function by somebody with all rights over the server."""

from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from deploy import environment
from deploy.postgres import Cluster

# Two lines each, evenly over three years and all accounts; numbers without gaps, dates in their order.
_ENTRIES = """
WITH given AS (
  SELECT c.id AS company, j.id AS journal, j.prefix, c.base_currency FROM public.ledger_company c
  JOIN public.ledger_journal j ON j.company_id = c.id AND j.code = 'general'
), days AS (
  SELECT p.id AS period, y.year, d::date AS day, row_number() OVER (ORDER BY d) - 1 AS n, count(*) OVER () AS days
  FROM public.ledger_period p JOIN public.ledger_fiscalyear y ON y.id = p.fiscal_year_id,
       generate_series(p.starts_on, p.ends_on, interval '1 day') d WHERE y.year BETWEEN 2024 AND 2026
), numbered AS (
  SELECT d.*, i FROM generate_series(%(from)s::bigint, %(to)s::bigint) i JOIN days d ON d.n = i %% d.days
), placed AS (
  SELECT n.*, coalesce(s.last, 0) + row_number() OVER (PARTITION BY n.year ORDER BY n.i) AS sequence
  FROM numbered n CROSS JOIN given LEFT JOIN public.ledger_series s ON s.code = given.prefix AND s.year = n.year
), accounts AS (
  SELECT array_agg(id ORDER BY code) AS ids, count(*)::int AS n FROM public.ledger_account
   WHERE NOT is_group AND NOT control
), entries AS (
  INSERT INTO public.ledger_journalentry (
      id, company_id, journal_id, period_id, number, series, year, sequence, date, text, total, key, digest,
      source_type, posted_by, posted_at, transaction)
    SELECT uuidv7(), company, journal, period, prefix || '-' || year || '-' || lpad(sequence::text, 6, '0'),
           prefix, year, sequence, day, 'Bench', 100 + i %% 900, 'bench:' || i, '', '', 'bench', clock_timestamp(),
           txid_current()
      FROM placed, given ORDER BY i
    RETURNING id, date, total, substr(key, 7)::bigint AS i
)
INSERT INTO public.ledger_journalline (
    entry_id, position, account_id, date, debit, credit, currency, party, tax_code, text)
  SELECT e.id, side, ids[1 + (i * (6 * side + 1)) %% n], e.date, CASE WHEN side = 1 THEN e.total ELSE 0 END,
         CASE WHEN side = 2 THEN e.total ELSE 0 END, 'EUR', '', '', ''
    FROM entries e CROSS JOIN accounts CROSS JOIN generate_series(1, 2) side;
"""
_SERIES = """
INSERT INTO public.ledger_series (company_id, code, year, last)
  SELECT company_id, series, year, max(sequence) FROM public.ledger_journalentry GROUP BY 1, 2, 3
  ON CONFLICT (company_id, code, year) DO UPDATE SET last = EXCLUDED.last;
"""
STEP = 250_000


def fill(var: Path, lines: int) -> None:
    """Go on until the books have so many lines; nothing is folded or sealed."""
    database = urlsplit(environment.read(var, "erp")["ERP_OWNER_DATABASE_URL"]).path.strip("/")
    with psycopg.connect(Cluster(var / "postgres").superuser_url(database), autocommit=True) as server:
        server.execute("SET session_replication_role = replica")
        server.execute("SET synchronous_commit = off")
        row = server.execute("SELECT count(*) FROM public.ledger_journalentry").fetchone()
        assert row is not None
        for start in range(row[0] + 1, lines // 2 + 1, STEP):
            part = {"from": start, "to": min(start + STEP - 1, lines // 2)}
            server.execute(_ENTRIES.encode(), part)
            server.execute(_SERIES.encode())
        server.execute("VACUUM (ANALYZE, FREEZE) public.ledger_journalentry, public.ledger_journalline")
