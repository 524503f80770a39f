-- What the triggers of guards.sql ask of every posting.  Written to be quick: they run while the series waits, and once
-- for a whole set.

-- I3: rows come from the posting function only.  The call stack tells; it cannot be pretended by a setting.
CREATE OR REPLACE FUNCTION public.ledger_inside(stack text, names text) RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT stack ~ ('function (public\.)?(' || names || ')\(');
$fn$;

-- What entries point to stays there, as a foreign key would have it, but by one lock that all who post share: locking the
-- rows of the accounts and journals would write them anew for every entry.  Who changes or removes such a row holds it
-- alone (public.ledger_hold_ground) and looks for entries then; whoever comes second sees the first, as each statement
-- sees what was committed before it.  That is so in READ COMMITTED only, so both sides ask for it.
CREATE OR REPLACE FUNCTION public.ledger_stand_on_ground() RETURNS void LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_held text;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the books are written in READ COMMITTED' USING ERRCODE = 'HM036';
  END IF;
  v_held := pg_advisory_xact_lock_shared(7105, 0);
END $fn$;

CREATE OR REPLACE FUNCTION public.ledger_hold_ground() RETURNS void LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the books are written in READ COMMITTED' USING ERRCODE = 'HM036';
  END IF;
  PERFORM pg_advisory_xact_lock(7105, 0);
END $fn$;

-- Once per statement, however many lines it brings.  Lines come before their entry, so that the series waits for less,
-- and what they say is looked at with it (public.ledger_guard_entries); no line stays without one.
-- All lines of an entry come in one statement, from the first on: as its first line is there once at most, no line joins
-- an entry afterwards, be it another transaction's that is not to be seen yet.
CREATE OR REPLACE FUNCTION public.ledger_guard_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ 'function (public\.)?ledger_post(_set)?\(' THEN
    RAISE EXCEPTION 'lines are written by the posting functions only' USING ERRCODE = 'HM035';
  END IF;
  IF EXISTS (SELECT FROM added GROUP BY entry_id HAVING min(position) <> 1) THEN
    RAISE EXCEPTION 'the lines of an entry come together, from the first on' USING ERRCODE = 'HM036';
  END IF;
  RETURN NULL;
END $fn$;

-- At COMMIT, for the first line of each entry and so for all of them: their entry was written with them.
CREATE OR REPLACE FUNCTION public.ledger_check_line() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF NOT EXISTS (SELECT FROM public.ledger_journalentry
                  WHERE id = NEW.entry_id AND transaction = pg_current_xact_id()::text::bigint) THEN
    RAISE EXCEPTION 'lines without their entry' USING ERRCODE = 'HM036';
  END IF;
  RETURN NULL;
END $fn$;

-- Says what is wrong with an entry and its lines, first things first.
CREATE OR REPLACE FUNCTION public.ledger_refuse_entry(p_entry uuid, p_transaction bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v record;
  v_code text;
BEGIN
  SELECT e.number, e.total, e.reverses_id, e.source_type, e.transaction, count(l.id) AS lines, coalesce(sum(l.debit), 0) AS debit,
         coalesce(sum(l.credit), 0) AS credit,
         min(l.position) FILTER (WHERE a.id IS NULL OR c.id IS NULL OR l.date <> e.date OR a.company_id <> e.company_id) AS strange,
         min(l.position) FILTER (WHERE NOT a.active OR a.is_group) AS shut,
         min(l.position) FILTER (WHERE scale(trim_scale(l.debit + l.credit)) > c.currency_digits) AS fine,
         min(l.position) FILTER (WHERE l.debit < 0 OR l.credit < 0) AS negative,
         min(l.position) FILTER (WHERE NOT public.ledger_dimensions_fit(e.company_id, l.cost_centre_id, l.project_id, e.source_type = 'year_end')) AS misfit,
         min(l.position) FILTER (WHERE l.cost_centre_id IS NULL AND l.date >= a.cost_centre_from) AS wants_centre,
         min(l.position) FILTER (WHERE l.project_id IS NULL AND l.date >= a.project_from) AS wants_project,
         min(a.code) FILTER (WHERE l.cost_centre_id IS NULL AND l.date >= a.cost_centre_from
                                OR l.project_id IS NULL AND l.date >= a.project_from) AS asks
    INTO v
    FROM public.ledger_journalentry e
    LEFT JOIN public.ledger_company c ON c.id = e.company_id
    LEFT JOIN public.ledger_journalline l ON l.entry_id = e.id
    LEFT JOIN public.ledger_account a ON a.id = l.account_id
   WHERE e.id = p_entry GROUP BY e.id;
  IF v.strange IS NOT NULL OR v.transaction <> p_transaction THEN
    RAISE EXCEPTION 'line %: account, company, date or transaction differ from the entry''s', v.strange
      USING ERRCODE = 'HM036';
  ELSIF v.shut IS NOT NULL THEN
    SELECT a.code INTO v_code FROM public.ledger_journalline l JOIN public.ledger_account a ON a.id = l.account_id
     WHERE l.entry_id = p_entry AND l.position = v.shut;
    RAISE EXCEPTION 'line %: account % takes no entries', v.shut, v_code
      USING ERRCODE = 'HM026', DETAIL = json_build_object('line', v.shut, 'account', v_code)::text;
  ELSIF v.fine IS NOT NULL THEN
    RAISE EXCEPTION 'line %: finer than the currency', v.fine
      USING ERRCODE = 'HM028', DETAIL = json_build_object('line', v.fine)::text;
  ELSIF v.negative IS NOT NULL AND v.reverses_id IS NULL THEN
    RAISE EXCEPTION 'line %: negative amounts are for reversals only', v.negative
      USING ERRCODE = 'HM027', DETAIL = json_build_object('line', v.negative)::text;
  ELSIF v.misfit IS NOT NULL AND v.reverses_id IS NULL THEN
    RAISE EXCEPTION 'line %: its cost centre or project is not one of the company''s in use', v.misfit
      USING ERRCODE = 'HM036';
  ELSIF v.wants_centre IS NOT NULL AND v.reverses_id IS NULL AND v.source_type <> 'year_end' THEN
    RAISE EXCEPTION 'line %: its account needs a cost centre', v.wants_centre
      USING ERRCODE = 'HM048', DETAIL = json_build_object('line', v.wants_centre, 'account', v.asks)::text;
  ELSIF v.wants_project IS NOT NULL AND v.reverses_id IS NULL AND v.source_type <> 'year_end' THEN
    RAISE EXCEPTION 'line %: its account needs a project', v.wants_project
      USING ERRCODE = 'HM049', DETAIL = json_build_object('line', v.wants_project, 'account', v.asks)::text;
  ELSIF v.lines < 2 THEN
    RAISE EXCEPTION '% has % lines; an entry has at least two', v.number, v.lines
      USING ERRCODE = 'HM022', DETAIL = json_build_object('lines', v.lines)::text;
  END IF;
  RAISE EXCEPTION '%: debits % and credits % differ', v.number, v.debit, v.credit
    USING ERRCODE = 'HM021', DETAIL = json_build_object('debit', v.debit, 'credit', v.credit,
                                                        'difference', v.debit - v.credit)::text;
END $fn$;

-- Are the cost centre and the project of a line what they are called, of its company, and in use (or need they not be)?
CREATE OR REPLACE FUNCTION public.ledger_dimensions_fit(
  p_company uuid, p_centre uuid, p_project uuid, p_any boolean) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  RETURN (p_centre IS NULL OR EXISTS (SELECT FROM public.ledger_dimension
            WHERE id = p_centre AND company_id = p_company AND kind = 'cost_centre' AND (active OR p_any)))
     AND (p_project IS NULL OR EXISTS (SELECT FROM public.ledger_dimension
            WHERE id = p_project AND company_id = p_company AND kind = 'project' AND (active OR p_any)));
END $fn$;

-- Once per statement, however many entries it brings: they stand in their place (I5, I6), and they are right (I2, I4)
-- with the lines that came before them.
CREATE OR REPLACE FUNCTION public.ledger_guard_entries() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $fn$
DECLARE
  v_stack text;
  v_held text;
  v_transaction bigint := pg_current_xact_id()::text::bigint;
  v_place record;
  v_wrong uuid;
  v_reversals boolean := false;
  v_reversal public.ledger_journalentry;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ 'function (public\.)?ledger_post(_set)?\(' THEN
    RAISE EXCEPTION 'entries are written by the posting functions only' USING ERRCODE = 'HM035';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(7102, hashtext(period_id::text))
     FROM (SELECT DISTINCT period_id FROM added ORDER BY 1) periods;
  v_held := public.ledger_stand_on_ground();
  FOR v_place IN
    SELECT n.*, j.code AS journal, p.status,
           j.company_id = n.company_id AND p.company_id = n.company_id AND n.first BETWEEN p.starts_on AND p.ends_on
             AND n.last BETWEEN p.starts_on AND p.ends_on AND j.prefix = n.series AND y.year = n.year AS together
      FROM (SELECT company_id, journal_id, period_id, series, year, min(date) AS first, max(date) AS last,
                   bool_or(reverses_id IS NOT NULL) AS reversals
              FROM added GROUP BY company_id, journal_id, period_id, series, year) n
      LEFT JOIN public.ledger_period p ON p.id = n.period_id
      LEFT JOIN public.ledger_fiscalyear y ON y.id = p.fiscal_year_id
      LEFT JOIN public.ledger_journal j ON j.id = n.journal_id
  LOOP
    v_reversals := v_reversals OR v_place.reversals;
    IF v_place.together IS NOT TRUE OR v_place.status <> 'open' THEN
      PERFORM public.ledger_open_period(v_place.company_id, v_place.first, v_place.journal);
      PERFORM public.ledger_open_period(v_place.company_id, v_place.last, v_place.journal);
    END IF;
    IF v_place.together IS NOT TRUE THEN
      RAISE EXCEPTION 'journal, period, series and company of the entry do not belong together' USING ERRCODE = 'HM036';
    END IF;
  END LOOP;
  SELECT min(n.number) AS number, min(n.sequence) AS first, max(n.sequence) AS last, count(*) AS entries,
         bool_and(n.number LIKE '%-' || lpad(n.sequence::text, greatest(6, length(n.sequence::text)), '0')) AS named
    INTO v_place
    FROM added n GROUP BY n.company_id, n.series, n.year
  HAVING max(n.sequence) IS DISTINCT FROM (SELECT s.last FROM public.ledger_series s
                                            WHERE s.company_id = n.company_id AND s.code = n.series AND s.year = n.year)
      OR max(n.sequence) - min(n.sequence) + 1 <> count(*)
      OR NOT bool_and(n.number LIKE '%-' || lpad(n.sequence::text, greatest(6, length(n.sequence::text)), '0'))
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the number % is not the next one of its series', v_place.number USING ERRCODE = 'HM037';
  END IF;

  -- Every entry with its lines at once; what is wrong with the first wrong one is looked for only when there is one.
  SELECT e.id INTO v_wrong
    FROM added e
    LEFT JOIN public.ledger_company c ON c.id = e.company_id
    LEFT JOIN public.ledger_journalline l ON l.entry_id = e.id
    LEFT JOIN public.ledger_account a ON a.id = l.account_id
   GROUP BY e.id, e.total, e.transaction
  HAVING (count(l.id) > 1 AND sum(l.debit) = sum(l.credit) AND sum(l.debit) = e.total AND e.transaction = v_transaction
          AND bool_and((l.date = e.date AND a.company_id = e.company_id AND a.active AND NOT a.is_group
                        AND scale(trim_scale(l.debit + l.credit)) <= c.currency_digits
                        AND (e.reverses_id IS NOT NULL OR (l.debit >= 0 AND l.credit >= 0
                             AND (l.cost_centre_id IS NULL AND l.date >= a.cost_centre_from
                                  AND e.source_type <> 'year_end') IS NOT TRUE
                             AND (l.project_id IS NULL AND l.date >= a.project_from
                                  AND e.source_type <> 'year_end') IS NOT TRUE
                             AND (l.cost_centre_id IS NULL AND l.project_id IS NULL
                                  OR public.ledger_dimensions_fit(e.company_id, l.cost_centre_id, l.project_id, e.source_type = 'year_end'))
                        ))) IS TRUE)) IS NOT TRUE
   LIMIT 1;
  IF FOUND THEN
    PERFORM public.ledger_refuse_entry(v_wrong, v_transaction);
  END IF;

  IF v_reversals THEN
    FOR v_reversal IN SELECT * FROM added WHERE reverses_id IS NOT NULL LOOP
      PERFORM public.ledger_guard_reversal(v_reversal);
    END LOOP;
  END IF;
  RETURN NULL;
END $fn$;

-- I4: a reversal mirrors its original line by line, once, in the same company.
CREATE OR REPLACE FUNCTION public.ledger_guard_reversal(reversal public.ledger_journalentry) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_original public.ledger_journalentry;
BEGIN
  SELECT * INTO v_original FROM public.ledger_journalentry WHERE id = reversal.reverses_id;
  IF v_original.reverses_id IS NOT NULL THEN
    RAISE EXCEPTION '% is itself a reversal', v_original.number
      USING ERRCODE = 'HM031', DETAIL = json_build_object('number', v_original.number)::text;
  ELSIF v_original.date > reversal.date THEN
    RAISE EXCEPTION 'the reversal of % cannot come before it', v_original.number
      USING ERRCODE = 'HM032', DETAIL = json_build_object('number', v_original.number, 'date', v_original.date)::text;
  ELSIF v_original.company_id IS DISTINCT FROM reversal.company_id THEN
    RAISE EXCEPTION 'an entry is reversed in its own company' USING ERRCODE = 'HM036';
  ELSIF EXISTS (
    SELECT FROM (SELECT * FROM public.ledger_journalline WHERE entry_id = reversal.id) l
    FULL JOIN (SELECT * FROM public.ledger_journalline WHERE entry_id = reversal.reverses_id) o USING (position)
    WHERE (l.account_id, l.party, l.tax_code, l.currency, l.debit - l.credit, l.foreign_amount, l.cost_centre_id,
           l.project_id)
          IS DISTINCT FROM (o.account_id, o.party, o.tax_code, o.currency, o.credit - o.debit, -o.foreign_amount,
                            o.cost_centre_id, o.project_id)
  ) THEN
    RAISE EXCEPTION '% does not mirror what it reverses', reversal.number USING ERRCODE = 'HM039';
  END IF;
END $fn$;
