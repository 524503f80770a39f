-- What the triggers of guards.sql ask of every posting.  Written to be quick: they run while the series waits.

-- I3: rows come from the posting function only.  The call stack tells; it cannot be pretended by a setting.
CREATE OR REPLACE FUNCTION public.ledger_inside(stack text, names text) RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT stack ~ ('function (public\.)?(' || names || ')\(');
$fn$;

CREATE OR REPLACE FUNCTION public.ledger_guard_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
  v_held text;
  v_known record;
  v_original public.ledger_journalentry;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ 'function (public\.)?ledger_post\(' THEN
    RAISE EXCEPTION 'entries are written by public.ledger_post only' USING ERRCODE = 'HM035';
  END IF;
  NEW.transaction := pg_current_xact_id()::text::bigint;
  v_held := pg_advisory_xact_lock_shared(7102, hashtext(NEW.period_id::text));
  SELECT p.status, j.code, s.last,
         j.company_id = NEW.company_id AND p.company_id = NEW.company_id AND NEW.date BETWEEN p.starts_on AND p.ends_on
           AND j.prefix = NEW.series AND y.year = NEW.year AS together
    INTO v_known
    FROM public.ledger_period p
    JOIN public.ledger_fiscalyear y ON y.id = p.fiscal_year_id
    JOIN public.ledger_journal j ON j.id = NEW.journal_id
    LEFT JOIN public.ledger_series s ON s.company_id = NEW.company_id AND s.code = NEW.series AND s.year = NEW.year
   WHERE p.id = NEW.period_id;
  IF v_known.together IS NOT TRUE OR v_known.status <> 'open' THEN
    PERFORM public.ledger_open_period(NEW.company_id, NEW.date, v_known.code);
  END IF;
  IF v_known.together IS NOT TRUE THEN
    RAISE EXCEPTION 'journal, period, series and company of the entry do not belong together' USING ERRCODE = 'HM036';
  END IF;
  IF v_known.last IS DISTINCT FROM NEW.sequence
     OR NEW.number NOT LIKE '%-' || lpad(NEW.sequence::text, greatest(6, length(NEW.sequence::text)), '0') THEN
    RAISE EXCEPTION 'the number % is not the next one of its series', NEW.number USING ERRCODE = 'HM037';
  END IF;
  IF NEW.reverses_id IS NOT NULL THEN
    SELECT * INTO v_original FROM public.ledger_journalentry WHERE id = NEW.reverses_id;
    PERFORM public.ledger_check_reversal(v_original, NEW.reverses_id, NEW.date);
    IF v_original.company_id <> NEW.company_id THEN
      RAISE EXCEPTION 'an entry is reversed in its own company' USING ERRCODE = 'HM036';
    END IF;
  END IF;
  RETURN NEW;
END $fn$;

-- Once per statement, however many lines it brings.  Lines may come before their entry, so that the series waits for
-- less; what only the two of them together can tell is then seen at COMMIT.  Whoever writes lines of an entry holds it,
-- so that nobody joins lines to an entry of another transaction that is not to be seen yet.
CREATE OR REPLACE FUNCTION public.ledger_guard_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
  v_bad record;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ 'function (public\.)?ledger_post\(' THEN
    RAISE EXCEPTION 'lines are written by public.ledger_post only' USING ERRCODE = 'HM035';
  END IF;
  PERFORM pg_advisory_xact_lock(7105, hashtext(entry_id::text)) FROM added GROUP BY entry_id ORDER BY entry_id;
  SELECT l.position, e.transaction, a.code, NOT a.active OR a.is_group AS shut
    INTO v_bad
    FROM added l
    JOIN public.ledger_account a ON a.id = l.account_id
    JOIN public.ledger_company c ON c.id = a.company_id
    LEFT JOIN public.ledger_journalentry e ON e.id = l.entry_id
   WHERE NOT a.active OR a.is_group OR scale(trim_scale(l.debit + l.credit)) > c.currency_digits
      OR e.transaction <> pg_current_xact_id()::text::bigint
   LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  ELSIF v_bad.transaction <> pg_current_xact_id()::text::bigint THEN
    RAISE EXCEPTION 'the entry stands since an earlier transaction: no line joins it now' USING ERRCODE = 'HM036';
  ELSIF v_bad.shut THEN
    RAISE EXCEPTION 'line %: account % takes no entries', v_bad.position, v_bad.code
      USING ERRCODE = 'HM026', DETAIL = json_build_object('line', v_bad.position, 'account', v_bad.code)::text;
  END IF;
  RAISE EXCEPTION 'line %: finer than the currency', v_bad.position
    USING ERRCODE = 'HM028', DETAIL = json_build_object('line', v_bad.position)::text;
END $fn$;

-- I2 and I4, once per entry, at COMMIT: balanced, at least two lines, all of them of the entry's company and day, no
-- negative amounts but in a reversal; a reversal mirrors its original line by line.
CREATE OR REPLACE FUNCTION public.ledger_check_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_sums record;
BEGIN
  SELECT count(*) AS lines, coalesce(sum(l.debit), 0) AS debit, coalesce(sum(l.credit), 0) AS credit,
         min(l.position) FILTER (WHERE l.date <> NEW.date OR a.company_id <> NEW.company_id) AS foreign_line,
         min(l.position) FILTER (WHERE l.debit < 0 OR l.credit < 0) AS negative
    INTO v_sums
    FROM public.ledger_journalline l JOIN public.ledger_account a ON a.id = l.account_id WHERE l.entry_id = NEW.id;
  IF v_sums.foreign_line IS NOT NULL THEN
    RAISE EXCEPTION 'line %: company or date differ from the entry''s', v_sums.foreign_line USING ERRCODE = 'HM036';
  ELSIF v_sums.negative IS NOT NULL AND NEW.reverses_id IS NULL THEN
    RAISE EXCEPTION 'line %: negative amounts are for reversals only', v_sums.negative
      USING ERRCODE = 'HM027', DETAIL = json_build_object('line', v_sums.negative)::text;
  ELSIF v_sums.lines < 2 THEN
    RAISE EXCEPTION '% has % lines; an entry has at least two', NEW.number, v_sums.lines
      USING ERRCODE = 'HM022', DETAIL = json_build_object('lines', v_sums.lines)::text;
  ELSIF v_sums.debit <> v_sums.credit OR v_sums.debit <> NEW.total THEN
    RAISE EXCEPTION '%: debits % and credits % differ', NEW.number, v_sums.debit, v_sums.credit
      USING ERRCODE = 'HM021', DETAIL = json_build_object('debit', v_sums.debit, 'credit', v_sums.credit,
                                                          'difference', v_sums.debit - v_sums.credit)::text;
  END IF;
  IF NEW.reverses_id IS NULL THEN  -- by itself: an expression with a query in it would be run for every entry
    RETURN NULL;
  END IF;
  IF EXISTS (
    SELECT FROM (SELECT * FROM public.ledger_journalline WHERE entry_id = NEW.id) l
    FULL JOIN (SELECT * FROM public.ledger_journalline WHERE entry_id = NEW.reverses_id) o USING (position)
    WHERE (l.account_id, l.party, l.tax_code, l.currency, l.debit - l.credit, l.foreign_amount)
          IS DISTINCT FROM (o.account_id, o.party, o.tax_code, o.currency, o.credit - o.debit, -o.foreign_amount)
  ) THEN
    RAISE EXCEPTION '% does not mirror what it reverses', NEW.number USING ERRCODE = 'HM039';
  END IF;
  RETURN NULL;
END $fn$;
