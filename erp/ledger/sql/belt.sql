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
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the books are written in READ COMMITTED' USING ERRCODE = 'HM036';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(7105, 0);
END $fn$;

CREATE OR REPLACE FUNCTION public.ledger_hold_ground() RETURNS void LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'the books are written in READ COMMITTED' USING ERRCODE = 'HM036';
  END IF;
  PERFORM pg_advisory_xact_lock(7105, 0);
END $fn$;

-- Once per statement, however many lines it brings.  Lines come before their entry, so that the series waits for less.
-- All lines of an entry come in one statement, from the first on: as its first line is there once at most, no line joins
-- an entry afterwards, be it another transaction's that is not to be seen yet.
CREATE OR REPLACE FUNCTION public.ledger_guard_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $fn$
DECLARE
  v_stack text;
  v_bad record;
  v_position integer;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ 'function (public\.)?ledger_post(_set)?\(' THEN
    RAISE EXCEPTION 'lines are written by the posting functions only' USING ERRCODE = 'HM035';
  END IF;
  IF EXISTS (SELECT FROM added GROUP BY entry_id HAVING min(position) <> 1) THEN
    RAISE EXCEPTION 'the lines of an entry come together, from the first on' USING ERRCODE = 'HM036';
  END IF;
  PERFORM public.ledger_stand_on_ground();
  SELECT l.account_id, a.active AND NOT a.is_group AS takes, a.code, c.currency_digits AS digits
    INTO v_bad
    FROM (SELECT account_id, max(scale(trim_scale(debit + credit))) AS finest FROM added GROUP BY account_id) l
    LEFT JOIN public.ledger_account a ON a.id = l.account_id
    LEFT JOIN public.ledger_company c ON c.id = a.company_id
   WHERE (a.active AND NOT a.is_group AND l.finest <= c.currency_digits) IS NOT TRUE
   LIMIT 1;
  IF v_bad.account_id IS NOT NULL THEN
    SELECT min(position) INTO v_position FROM added
     WHERE account_id = v_bad.account_id AND (NOT v_bad.takes OR scale(trim_scale(debit + credit)) > v_bad.digits);
    IF v_bad.code IS NULL THEN
      RAISE EXCEPTION 'there is no account %', v_bad.account_id USING ERRCODE = 'HM036';
    ELSIF NOT v_bad.takes THEN
      RAISE EXCEPTION 'line %: account % takes no entries', v_position, v_bad.code
        USING ERRCODE = 'HM026', DETAIL = json_build_object('line', v_position, 'account', v_bad.code)::text;
    END IF;
    RAISE EXCEPTION 'line %: finer than the currency', v_position
      USING ERRCODE = 'HM028', DETAIL = json_build_object('line', v_position)::text;
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

-- Once per statement, however many entries it brings: they stand in their place (I5, I6), and they are right (I2, I4)
-- with the lines that came before them.
CREATE OR REPLACE FUNCTION public.ledger_guard_entries() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $fn$
DECLARE
  v_stack text;
  v_place record;
  v_sums record;
  v_reversal public.ledger_journalentry;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ 'function (public\.)?ledger_post(_set)?\(' THEN
    RAISE EXCEPTION 'entries are written by the posting functions only' USING ERRCODE = 'HM035';
  END IF;
  PERFORM pg_advisory_xact_lock_shared(7102, hashtext(period_id::text))
     FROM (SELECT DISTINCT period_id FROM added ORDER BY 1) periods;
  PERFORM pg_advisory_xact_lock_shared(7105, 0);
  FOR v_place IN
    SELECT n.*, j.code AS journal, p.status,
           j.company_id = n.company_id AND p.company_id = n.company_id AND n.first BETWEEN p.starts_on AND p.ends_on
             AND n.last BETWEEN p.starts_on AND p.ends_on AND j.prefix = n.series AND y.year = n.year AS together
      FROM (SELECT company_id, journal_id, period_id, series, year, min(date) AS first, max(date) AS last
              FROM added GROUP BY company_id, journal_id, period_id, series, year) n
      LEFT JOIN public.ledger_period p ON p.id = n.period_id
      LEFT JOIN public.ledger_fiscalyear y ON y.id = p.fiscal_year_id
      LEFT JOIN public.ledger_journal j ON j.id = n.journal_id
  LOOP
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

  SELECT * INTO v_sums FROM (
    SELECT e.number, e.total, e.reverses_id, e.transaction, count(l.id) AS lines, coalesce(sum(l.debit), 0) AS debit,
           coalesce(sum(l.credit), 0) AS credit,
           min(l.position) FILTER (WHERE l.date <> e.date OR a.company_id <> e.company_id) AS foreign_line,
           min(l.position) FILTER (WHERE l.debit < 0 OR l.credit < 0) AS negative
      FROM added e
      LEFT JOIN public.ledger_journalline l ON l.entry_id = e.id
      LEFT JOIN public.ledger_account a ON a.id = l.account_id
     GROUP BY e.id, e.number, e.total, e.reverses_id, e.transaction) sums
   WHERE foreign_line IS NOT NULL OR (negative IS NOT NULL AND reverses_id IS NULL) OR lines < 2
      OR debit <> credit OR debit <> total OR transaction <> pg_current_xact_id()::text::bigint
   LIMIT 1;
  IF v_sums.foreign_line IS NOT NULL OR v_sums.transaction <> pg_current_xact_id()::text::bigint THEN
    RAISE EXCEPTION 'line %: company, date or transaction differ from the entry''s', v_sums.foreign_line
      USING ERRCODE = 'HM036';
  ELSIF v_sums.negative IS NOT NULL AND v_sums.reverses_id IS NULL THEN
    RAISE EXCEPTION 'line %: negative amounts are for reversals only', v_sums.negative
      USING ERRCODE = 'HM027', DETAIL = json_build_object('line', v_sums.negative)::text;
  ELSIF v_sums.lines < 2 THEN
    RAISE EXCEPTION '% has % lines; an entry has at least two', v_sums.number, v_sums.lines
      USING ERRCODE = 'HM022', DETAIL = json_build_object('lines', v_sums.lines)::text;
  ELSIF v_sums.number IS NOT NULL THEN
    RAISE EXCEPTION '%: debits % and credits % differ', v_sums.number, v_sums.debit, v_sums.credit
      USING ERRCODE = 'HM021', DETAIL = json_build_object('debit', v_sums.debit, 'credit', v_sums.credit,
                                                          'difference', v_sums.debit - v_sums.credit)::text;
  END IF;

  FOR v_reversal IN SELECT * FROM added WHERE reverses_id IS NOT NULL LOOP
    PERFORM public.ledger_guard_reversal(v_reversal);
  END LOOP;
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
    WHERE (l.account_id, l.party, l.tax_code, l.currency, l.debit - l.credit, l.foreign_amount)
          IS DISTINCT FROM (o.account_id, o.party, o.tax_code, o.currency, o.credit - o.debit, -o.foreign_amount)
  ) THEN
    RAISE EXCEPTION '% does not mirror what it reverses', reversal.number USING ERRCODE = 'HM039';
  END IF;
END $fn$;
