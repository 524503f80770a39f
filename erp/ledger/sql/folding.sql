-- Balances without hot rows: what is posted is folded later into sums by day and by month, up to a watermark.  The mark
-- is the last folded number of each series: a series gives its numbers out in the order of the commits, so that nothing
-- that commits late is lost behind it.  Any balance = months before + days of the month + the lines behind the mark.

CREATE OR REPLACE FUNCTION public.ledger_fold(p_company uuid, p_most integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_series record;
  v_until integer;
  v_folded bigint := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(7106, hashtext(p_company::text));
  FOR v_series IN
    SELECT s.code, s.year, s.last, coalesce(m.sequence, 0) AS folded
      FROM public.ledger_series s
      LEFT JOIN public.ledger_foldmark m ON m.company_id = s.company_id AND m.series = s.code AND m.year = s.year
     WHERE s.company_id = p_company AND s.last > coalesce(m.sequence, 0) ORDER BY s.year, s.code
  LOOP
    v_until := least(v_series.last, v_series.folded + p_most);
    WITH added AS (
      SELECT l.account_id, l.date, sum(l.debit) AS debit, sum(l.credit) AS credit
        FROM public.ledger_journalentry e JOIN public.ledger_journalline l ON l.entry_id = e.id
       WHERE e.company_id = p_company AND e.series = v_series.code AND e.year = v_series.year
         AND e.sequence > v_series.folded AND e.sequence <= v_until
       GROUP BY l.account_id, l.date
    ), days AS (
      INSERT INTO public.ledger_daysum (account_id, day, debit, credit)
        SELECT account_id, date, debit, credit FROM added ORDER BY account_id, date
        ON CONFLICT (account_id, day) DO UPDATE
          SET debit = public.ledger_daysum.debit + EXCLUDED.debit, credit = public.ledger_daysum.credit + EXCLUDED.credit
    )
    INSERT INTO public.ledger_monthsum (account_id, month, debit, credit)
      SELECT account_id, date_trunc('month', date)::date, sum(debit), sum(credit) FROM added GROUP BY 1, 2 ORDER BY 1, 2
      ON CONFLICT (account_id, month) DO UPDATE
        SET debit = public.ledger_monthsum.debit + EXCLUDED.debit, credit = public.ledger_monthsum.credit + EXCLUDED.credit;
    INSERT INTO public.ledger_foldmark (company_id, series, year, sequence)
      VALUES (p_company, v_series.code, v_series.year, v_until)
      ON CONFLICT (company_id, series, year) DO UPDATE SET sequence = EXCLUDED.sequence;
    v_folded := v_folded + v_until - v_series.folded;
  END LOOP;
  RETURN v_folded;
END $fn$;

-- The lines that no sum holds yet.  Few of very many: always by the index, whatever the statistics make of it.
CREATE OR REPLACE FUNCTION public.ledger_unfolded(p_company uuid)
RETURNS TABLE (account_id uuid, day date, debit numeric, credit numeric)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 500 SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $fn$
DECLARE
  v_series record;
BEGIN
  FOR v_series IN
    SELECT s.code, s.year, s.last, coalesce(m.sequence, 0) AS folded
      FROM public.ledger_series s
      LEFT JOIN public.ledger_foldmark m ON m.company_id = s.company_id AND m.series = s.code AND m.year = s.year
     WHERE s.company_id = p_company AND s.last > coalesce(m.sequence, 0)
  LOOP
    RETURN QUERY
      SELECT l.account_id, l.date, l.debit, l.credit
        FROM public.ledger_journalentry e JOIN public.ledger_journalline l ON l.entry_id = e.id
       WHERE e.series = v_series.code AND e.year = v_series.year AND e.company_id = p_company
         AND e.sequence > v_series.folded AND e.sequence <= v_series.last;
  END LOOP;
END $fn$;

-- All debits and credits of each account up to and with a day, as they stand in this statement's snapshot.
CREATE OR REPLACE FUNCTION public.ledger_sums(p_company uuid, p_until date)
RETURNS TABLE (account_id uuid, debit numeric, credit numeric)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 200 SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT account_id, sum(debit), sum(credit) FROM (
    SELECT m.account_id, m.debit, m.credit
      FROM public.ledger_monthsum m JOIN public.ledger_account a ON a.id = m.account_id
     WHERE a.company_id = p_company AND m.month < date_trunc('month', p_until)::date
    UNION ALL
    SELECT d.account_id, d.debit, d.credit
      FROM public.ledger_daysum d JOIN public.ledger_account a ON a.id = d.account_id
     WHERE a.company_id = p_company AND d.day >= date_trunc('month', p_until)::date AND d.day <= p_until
    UNION ALL
    SELECT u.account_id, u.debit, u.credit FROM public.ledger_unfolded(p_company) u WHERE u.day <= p_until
  ) every
  GROUP BY account_id;
$fn$;

-- The same as it was known at a moment: less what was posted after it.
CREATE OR REPLACE FUNCTION public.ledger_sums_known(p_company uuid, p_until date, p_known timestamptz)
RETURNS TABLE (account_id uuid, debit numeric, credit numeric)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 200 SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT account_id, sum(debit), sum(credit) FROM (
    SELECT s.account_id, s.debit, s.credit FROM public.ledger_sums(p_company, p_until) s
    UNION ALL
    SELECT l.account_id, -l.debit, -l.credit
      FROM public.ledger_journalentry e JOIN public.ledger_journalline l ON l.entry_id = e.id
     WHERE e.company_id = p_company AND e.posted_at > p_known AND e.date <= p_until
  ) every
  GROUP BY account_id HAVING sum(debit) <> 0 OR sum(credit) <> 0;
$fn$;
