-- The way into the books, with sets.sql for many entries at once.  One call checks, numbers and writes one entry, and
-- returns its row.  SECURITY DEFINER: the process role may not insert there itself.
--
--   {"company": uuid, "id": uuid, "journal": "sales", "date": "2026-11-23", "text": "…", "key": "invoice:<uuid>",
--    "source_type": "invoice", "source_id": uuid, "by": "alice",
--    "lines": [{"account": "receivable" or "1200", "debit": "119.00", "credit": "0.00", "party": "C00001",
--               "due": date, "tax_code": "…", "text": "…", "currency": "EUR", "foreign_amount": null,
--               "cost_centre": "CC1", "project": "P7"}, …]}
--   or, without lines, "reverses": uuid of the entry to be undone by its mirror.
--
-- Locks, in this order: the key, the ground (shared; belt.sql), the period (shared; closing takes it exclusively), the
-- counter of the series.
-- What is refused has an SQLSTATE HM0xx and its facts as JSON in DETAIL (erp/ledger/refusals.py knows both).

-- Columns that a younger migration adds are named below; on an empty database older ones read this file before it.
SET LOCAL check_function_bodies = off;

-- Advisory locks have two numbers: what kind of thing, and which one.
-- The period of a day, held open until the end of the transaction.  Callers that lock rows of their own before they
-- post call this first, so that everybody locks in the same order.
CREATE OR REPLACE FUNCTION public.ledger_hold_period(p_company uuid, p_date date) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_period uuid;
BEGIN
  SELECT id INTO v_period FROM public.ledger_period
   WHERE company_id = p_company AND starts_on <= p_date AND ends_on >= p_date;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no period of the books contains %', p_date
      USING ERRCODE = 'HM023', DETAIL = json_build_object('date', p_date)::text;
  END IF;
  PERFORM pg_advisory_xact_lock_shared(7102, hashtext(v_period::text));
  RETURN v_period;
END $fn$;

-- Holds the period and refuses when it does not take entries of this journal.  "closing" takes the general journal only.
CREATE OR REPLACE FUNCTION public.ledger_open_period(p_company uuid, p_date date, p_journal text)
RETURNS public.ledger_period
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_period public.ledger_period;
BEGIN
  -- Two statements on purpose: the status must be read after the lock was granted.
  v_period.id := public.ledger_hold_period(p_company, p_date);
  SELECT * INTO v_period FROM public.ledger_period WHERE id = v_period.id;
  IF v_period.status IN ('closed', 'hard') OR (v_period.status = 'closing' AND p_journal <> 'general') THEN
    RAISE EXCEPTION 'the period of % is %', p_date, v_period.status
      USING ERRCODE = 'HM024', DETAIL = json_build_object(
        'date', p_date, 'period', to_char(v_period.starts_on, 'YYYY-MM'), 'status', v_period.status)::text;
  END IF;
  RETURN v_period;
END $fn$;

-- The first thing in which a repeated call differs from what was posted under its key; null when nothing does.
CREATE OR REPLACE FUNCTION public.ledger_difference(p_entry public.ledger_journalentry, body jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
  WITH given AS (
    SELECT l.*, a.id AS account_id
    FROM ROWS FROM (jsonb_to_recordset(body->'lines') AS (
           account text, debit numeric, credit numeric, party text, due date, tax_code text, text text,
           currency text, foreign_amount numeric, cost_centre text, project text))
         WITH ORDINALITY AS l(account, debit, credit, party, due, tax_code, text, currency, foreign_amount, cost_centre,
                              project, n)
    LEFT JOIN public.ledger_account a
      ON a.company_id = p_entry.company_id AND (a.role = l.account OR (a.code = l.account AND a.role IS DISTINCT FROM l.account))
  ), fields(place, field, was, now) AS (
    SELECT 0, 'journal', (SELECT code FROM public.ledger_journal WHERE id = p_entry.journal_id), body->>'journal'
    UNION ALL SELECT 0, 'date', p_entry.date::text, (body->>'date')::date::text
    UNION ALL SELECT 0, 'text', p_entry.text, coalesce(body->>'text', '')
    UNION ALL SELECT 0, 'source', p_entry.source_type || ' ' || coalesce(p_entry.source_id::text, ''),
                     coalesce(body->>'source_type', '') || ' ' || coalesce((body->>'source_id')::uuid::text, '')
    UNION ALL SELECT 0, 'reverses', p_entry.reverses_id::text, (body->>'reverses')::uuid::text
    UNION ALL SELECT coalesce(g.n, w.position)::int, f.field, f.was, f.now
      FROM given g
      FULL JOIN (SELECT l.*, a.code, c.code AS cost_centre, p.code AS project
                   FROM public.ledger_journalline l JOIN public.ledger_account a ON a.id = l.account_id
                   LEFT JOIN public.ledger_dimension c ON c.id = l.cost_centre_id
                   LEFT JOIN public.ledger_dimension p ON p.id = l.project_id
                  WHERE l.entry_id = p_entry.id) w ON w.position = g.n
      CROSS JOIN LATERAL (VALUES
        ('account', w.code::text, CASE WHEN w.account_id = g.account_id THEN w.code::text ELSE g.account END),
        ('debit', w.debit::text, coalesce(g.debit, 0)::numeric(19,2)::text),
        ('credit', w.credit::text, coalesce(g.credit, 0)::numeric(19,2)::text),
        ('party', w.party::text, coalesce(g.party, '')),
        ('due', w.due::text, g.due::text),
        ('tax_code', w.tax_code::text, coalesce(g.tax_code, '')),
        ('text', w.text::text, coalesce(g.text, '')),
        ('currency', w.currency::text, coalesce(g.currency, w.currency::text)),
        ('foreign_amount', w.foreign_amount::text, g.foreign_amount::numeric(19,2)::text),
        ('cost_centre', w.cost_centre::text, g.cost_centre),
        ('project', w.project::text, g.project)) AS f(field, was, now)
      WHERE body ? 'lines'
  )
  SELECT jsonb_build_object('number', p_entry.number, 'line', place, 'what', field, 'was', was, 'now', now)
  FROM fields WHERE was IS DISTINCT FROM now ORDER BY place, field LIMIT 1;
$fn$;

-- Says what is wrong with the lines of an entry, first things first.
CREATE OR REPLACE FUNCTION public.ledger_refuse_lines(
  p_company uuid, body jsonb, p_currency text, p_digits integer, reversal boolean)
RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_check record;
  v_bad jsonb;
  v_free boolean := reversal OR coalesce(body->>'source_type', '') = 'year_end';
  v_date date := CASE WHEN NOT v_free THEN body->>'date' END;
BEGIN
  SELECT count(*) AS lines, coalesce(sum(l.debit), 0) AS debit, coalesce(sum(l.credit), 0) AS credit,
         min(l.n) FILTER (WHERE a.id IS NULL) AS unknown,
         min(l.n) FILTER (WHERE NOT a.active OR a.is_group) AS shut,
         min(l.n) FILTER (WHERE a.control) AS control,
         min(l.n) FILTER (WHERE (coalesce(l.debit, 0) <> 0) = (coalesce(l.credit, 0) <> 0)
                            OR NOT abs(coalesce(l.debit, 0) + coalesce(l.credit, 0)) < 1e17
                            OR (NOT reversal AND (l.debit < 0 OR l.credit < 0))) AS sided,
         min(l.n) FILTER (WHERE scale(trim_scale(coalesce(l.debit, 0) + coalesce(l.credit, 0))) > p_digits) AS fine,
         min(l.n) FILTER (WHERE l.cost_centre IS NOT NULL AND c.id IS NULL) AS no_centre,
         min(l.n) FILTER (WHERE l.project IS NOT NULL AND p.id IS NULL) AS no_project,
         min(l.n) FILTER (WHERE l.cost_centre IS NULL AND v_date >= a.cost_centre_from) AS wants_centre,
         min(l.n) FILTER (WHERE l.project IS NULL AND v_date >= a.project_from) AS wants_project
    INTO v_check
    FROM ROWS FROM (jsonb_to_recordset(body->'lines') AS (
           account text, debit numeric, credit numeric, cost_centre text, project text))
         WITH ORDINALITY AS l(account, debit, credit, cost_centre, project, n)
    LEFT JOIN public.ledger_dimension c ON c.company_id = p_company AND c.kind = 'cost_centre' AND c.code = l.cost_centre
                                       AND (c.active OR v_free)
    LEFT JOIN public.ledger_dimension p ON p.company_id = p_company AND p.kind = 'project' AND p.code = l.project
                                       AND (p.active OR v_free)
    LEFT JOIN LATERAL (
      SELECT id, active, is_group, control, cost_centre_from, project_from FROM public.ledger_account
       WHERE company_id = p_company AND (role = l.account OR code = l.account)
       ORDER BY role = l.account DESC NULLS LAST LIMIT 1) a ON true;
  v_bad := body->'lines'->(coalesce(v_check.unknown, v_check.shut, v_check.sided, v_check.fine, v_check.control)::int - 1);
  IF v_check.unknown IS NOT NULL THEN
    RAISE EXCEPTION 'line %: there is no account %', v_check.unknown, v_bad->>'account'
      USING ERRCODE = 'HM025', DETAIL = json_build_object('line', v_check.unknown, 'account', v_bad->>'account')::text;
  ELSIF v_check.shut IS NOT NULL THEN
    RAISE EXCEPTION 'line %: account % takes no entries', v_check.shut, v_bad->>'account'
      USING ERRCODE = 'HM026', DETAIL = json_build_object('line', v_check.shut, 'account', v_bad->>'account')::text;
  ELSIF v_check.sided IS NOT NULL THEN
    RAISE EXCEPTION 'line %: either a debit or a credit, above zero', v_check.sided
      USING ERRCODE = 'HM027', DETAIL = json_build_object(
        'line', v_check.sided, 'debit', v_bad->>'debit', 'credit', v_bad->>'credit')::text;
  ELSIF v_check.fine IS NOT NULL THEN
    RAISE EXCEPTION 'line %: finer than the currency', v_check.fine
      USING ERRCODE = 'HM028', DETAIL = json_build_object(
        'line', v_check.fine, 'currency', p_currency, 'digits', p_digits)::text;
  ELSIF v_check.control IS NOT NULL AND body->>'source_type' = 'voucher' AND NOT reversal THEN
    RAISE EXCEPTION 'line %: account % is a control account', v_check.control, v_bad->>'account'
      USING ERRCODE = 'HM033', DETAIL = json_build_object('line', v_check.control, 'account', v_bad->>'account')::text;
  ELSIF v_check.no_centre IS NOT NULL THEN
    v_bad := body->'lines'->(v_check.no_centre::int - 1);
    RAISE EXCEPTION 'line %: there is no cost centre % in use', v_check.no_centre, v_bad->>'cost_centre'
      USING ERRCODE = 'HM046', DETAIL = json_build_object('line', v_check.no_centre, 'code', v_bad->>'cost_centre')::text;
  ELSIF v_check.no_project IS NOT NULL THEN
    v_bad := body->'lines'->(v_check.no_project::int - 1);
    RAISE EXCEPTION 'line %: there is no project % in use', v_check.no_project, v_bad->>'project'
      USING ERRCODE = 'HM047', DETAIL = json_build_object('line', v_check.no_project, 'code', v_bad->>'project')::text;
  ELSIF v_check.wants_centre IS NOT NULL THEN
    v_bad := body->'lines'->(v_check.wants_centre::int - 1);
    RAISE EXCEPTION 'line %: account % needs a cost centre', v_check.wants_centre, v_bad->>'account'
      USING ERRCODE = 'HM048', DETAIL = json_build_object('line', v_check.wants_centre, 'account', v_bad->>'account')::text;
  ELSIF v_check.wants_project IS NOT NULL THEN
    v_bad := body->'lines'->(v_check.wants_project::int - 1);
    RAISE EXCEPTION 'line %: account % needs a project', v_check.wants_project, v_bad->>'account'
      USING ERRCODE = 'HM049', DETAIL = json_build_object('line', v_check.wants_project, 'account', v_bad->>'account')::text;
  ELSIF v_check.debit <> v_check.credit THEN
    RAISE EXCEPTION 'debits % and credits % differ', v_check.debit, v_check.credit
      USING ERRCODE = 'HM021', DETAIL = json_build_object('debit', v_check.debit, 'credit', v_check.credit,
                                                          'difference', v_check.debit - v_check.credit)::text;
  END IF;
  RAISE EXCEPTION 'an entry has at least two lines'
    USING ERRCODE = 'HM022', DETAIL = json_build_object('lines', v_check.lines)::text;
END $fn$;

CREATE OR REPLACE FUNCTION public.ledger_post(body jsonb) RETURNS SETOF public.ledger_journalentry
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_company uuid := body->>'company';
  v_date date := body->>'date';
  v_id uuid := coalesce((body->>'id')::uuid, uuidv7());
  v_held text;  -- what a lock answers: an assignment costs less than a statement
  v_known record;
  v_status text;
  v_entry public.ledger_journalentry;
  v_original public.ledger_journalentry;
  v_check record;
  v_centres uuid[];  -- of the lines, looked up only where one of them names any
  v_projects uuid[];
  v_found boolean := true;
  v_free boolean;  -- what undoes an entry or ends a year may name what is out of use, and need not name any
  v_digest text;
  v_difference jsonb;
BEGIN
  -- I7: the same key and body give the same entry; another body is refused.
  v_digest := encode(sha256(convert_to((body - 'id' - 'by' - 'early')::text, 'UTF8')), 'hex');
  v_held := pg_advisory_xact_lock(7101, hashtext(v_company::text || ':' || (body->>'key')));
  v_held := public.ledger_stand_on_ground();
  -- The key is looked for by its own index alone.
  SELECT c.base_currency, c.currency_digits, c.red_letter, j.id AS journal, j.prefix, p.id AS period, y.year,
         e.id AS entry
    INTO v_known
    FROM public.ledger_company c
    LEFT JOIN public.ledger_journalentry e ON e.key = body->>'key' AND e.company_id IS NOT DISTINCT FROM c.id
    LEFT JOIN public.ledger_journal j ON j.company_id = c.id AND j.code = body->>'journal'
    LEFT JOIN public.ledger_period p ON p.company_id = c.id AND p.starts_on <= v_date AND p.ends_on >= v_date
    LEFT JOIN public.ledger_fiscalyear y ON y.id = p.fiscal_year_id
   WHERE c.id = v_company;
  IF v_known.entry IS NOT NULL THEN
    SELECT * INTO v_entry FROM public.ledger_journalentry WHERE id = v_known.entry;
    IF v_entry.digest <> v_digest THEN
      v_difference := public.ledger_difference(v_entry, body);
      IF v_difference IS NOT NULL AND v_entry.reverses_id = (body->>'reverses')::uuid THEN
        RAISE EXCEPTION 'the entry was reversed by %', v_entry.number
          USING ERRCODE = 'HM030', DETAIL = json_build_object('reversal', v_entry.number)::text;
      ELSIF v_difference IS NOT NULL THEN
        RAISE EXCEPTION 'the key % was used for %, which differs', body->>'key', v_entry.number
          USING ERRCODE = 'HM020', DETAIL = v_difference::text;
      END IF;
    END IF;
    RETURN NEXT v_entry;
    RETURN;
  ELSIF v_known.journal IS NULL THEN
    RAISE EXCEPTION 'there is no journal %', body->>'journal'
      USING ERRCODE = 'HM029', DETAIL = json_build_object('journal', body->>'journal')::text;
  END IF;
  v_held := pg_advisory_xact_lock_shared(7102, hashtext(v_known.period::text));
  SELECT status INTO v_status FROM public.ledger_period WHERE id = v_known.period;  -- only now that it cannot change
  IF v_status IS DISTINCT FROM 'open' THEN
    PERFORM public.ledger_open_period(v_company, v_date, body->>'journal');
  END IF;

  IF body->>'reverses' IS NOT NULL THEN
    v_held := pg_advisory_xact_lock(7101, hashtext(v_company::text || ':reverses:' || (body->>'reverses')::uuid));
    SELECT * INTO v_original FROM public.ledger_journalentry
     WHERE id = (body->>'reverses')::uuid AND company_id = v_company;
    PERFORM public.ledger_check_reversal(v_original, (body->>'reverses')::uuid, v_date);
    body := body || jsonb_build_object('lines', public.ledger_mirror(v_original.id, v_known.red_letter));
  END IF;

  v_free := v_original.id IS NOT NULL OR coalesce(body->>'source_type', '') = 'year_end';
  -- Every line at once; which one is wrong, and how, is looked for only when one is.
  SELECT count(*) AS lines, sum(l.debit) AS debit, sum(l.credit) AS credit, array_agg(a.id ORDER BY l.n) AS accounts,
         bool_or(l.cost_centre IS NOT NULL OR l.project IS NOT NULL) AS told,
         bool_and((a.active AND NOT a.is_group AND (l.debit <> 0) <> (l.credit <> 0) AND abs(l.debit + l.credit) < 1e17
                   AND scale(trim_scale(l.debit + l.credit)) <= v_known.currency_digits
                   AND (v_original.id IS NOT NULL OR (l.debit >= 0 AND l.credit >= 0
                        AND (body->>'source_type' = 'voucher' AND a.control) IS NOT TRUE
                        AND (v_date >= a.cost_centre_from AND l.cost_centre IS NULL AND NOT v_free) IS NOT TRUE
                        AND (v_date >= a.project_from AND l.project IS NULL AND NOT v_free) IS NOT TRUE
                        ))) IS TRUE) AS fine
    INTO v_check
    FROM (SELECT n, account, coalesce(debit, 0) AS debit, coalesce(credit, 0) AS credit, cost_centre, project
            FROM ROWS FROM (jsonb_to_recordset(body->'lines') AS (
                   account text, debit numeric, credit numeric, cost_centre text, project text))
                 WITH ORDINALITY AS l(account, debit, credit, cost_centre, project, n)) l
    LEFT JOIN LATERAL (
      SELECT id, active, is_group, control, cost_centre_from, project_from FROM public.ledger_account
       WHERE company_id = v_company AND (role = l.account OR code = l.account)
       ORDER BY role = l.account DESC NULLS LAST LIMIT 1) a ON true;
  IF v_check.told THEN
    SELECT array_agg(c.id ORDER BY l.n), array_agg(p.id ORDER BY l.n),
           bool_and((c.id IS NOT NULL OR l.cost_centre IS NULL) AND (p.id IS NOT NULL OR l.project IS NULL))
      INTO v_centres, v_projects, v_found
      FROM ROWS FROM (jsonb_to_recordset(body->'lines') AS (cost_centre text, project text))
           WITH ORDINALITY AS l(cost_centre, project, n)
      LEFT JOIN public.ledger_dimension c ON c.company_id = v_company AND c.kind = 'cost_centre'
                                         AND c.code = l.cost_centre AND (c.active OR v_free)
      LEFT JOIN public.ledger_dimension p ON p.company_id = v_company AND p.kind = 'project'
                                         AND p.code = l.project AND (p.active OR v_free);
  END IF;
  IF v_check.fine IS NOT TRUE OR NOT v_found OR v_check.debit <> v_check.credit OR v_check.lines < 2 THEN
    PERFORM public.ledger_refuse_lines(v_company, body, v_known.base_currency, v_known.currency_digits,
                                       v_original.id IS NOT NULL);
  END IF;

  -- The lines first: from the number on, whoever posts into the same series waits for our COMMIT.
  INSERT INTO public.ledger_journalline (
      entry_id, position, account_id, date, debit, credit, currency, foreign_amount, party, due, tax_code, text,
      cost_centre_id, project_id)
    SELECT v_id, l.n, v_check.accounts[l.n], v_date, coalesce(l.debit, 0), coalesce(l.credit, 0),
           coalesce(l.currency, v_known.base_currency), l.foreign_amount, coalesce(l.party, ''), l.due,
           coalesce(l.tax_code, ''), coalesce(l.text, ''), v_centres[l.n], v_projects[l.n]
      FROM ROWS FROM (jsonb_to_recordset(body->'lines') AS (
             debit numeric, credit numeric, party text, due date, tax_code text, text text, currency text,
             foreign_amount numeric))
           WITH ORDINALITY AS l(debit, credit, party, due, tax_code, text, currency, foreign_amount, n);
  -- Whoever waits for a commit waits for the disk too.  When others wait and the caller said `early`, who then waits for
  -- the disk itself after its commit, the series is let go as soon as the commit is in the log (docs/adr/0013).
  IF body ? 'early'
     AND NOT pg_try_advisory_xact_lock(7104, hashtext(v_company::text || ':' || v_known.prefix || ':' || v_known.year))
     AND current_setting('synchronous_standby_names') = '' THEN
    v_held := set_config('synchronous_commit', 'off', true);
  END IF;
  v_entry := public.ledger_next_number(v_company, v_known.prefix, v_known.year);
  INSERT INTO public.ledger_journalentry (
      id, company_id, journal_id, period_id, number, series, year, sequence, date, text, total, key, digest,
      source_type, source_id, reverses_id, posted_by, posted_at, transaction)
    VALUES (
      v_id, v_company, v_known.journal, v_known.period, v_entry.number, v_entry.series, v_known.year, v_entry.sequence,
      v_date, coalesce(body->>'text', ''), v_check.debit, body->>'key', v_digest, coalesce(body->>'source_type', ''),
      (body->>'source_id')::uuid, v_original.id, coalesce(body->>'by', ''), clock_timestamp(),
      pg_current_xact_id()::text::bigint)
    RETURNING * INTO v_entry;
  RETURN NEXT v_entry;
END $fn$;

-- The next number of a series.  Only the posting function may call it (no EXECUTE for the process role), last of all
-- its locks: the counter's row stays locked until the transaction ends, which is what leaves no gap.
CREATE OR REPLACE FUNCTION public.ledger_next_number(p_company uuid, p_series text, p_year smallint)
RETURNS public.ledger_journalentry
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_entry public.ledger_journalentry;
  v_held text;
BEGIN
  -- Waiting for this lock costs less than waiting for the row, which everybody who waits looks at again and again.
  v_held := pg_advisory_xact_lock(7104, hashtext(p_company::text || ':' || p_series || ':' || p_year));
  UPDATE public.ledger_series SET last = last + 1
   WHERE company_id = p_company AND code = p_series AND year = p_year
   RETURNING last INTO v_entry.sequence;
  IF NOT FOUND THEN
    INSERT INTO public.ledger_series (company_id, code, year, last) VALUES (p_company, p_series, p_year, 1)
      ON CONFLICT (company_id, code, year) DO UPDATE SET last = public.ledger_series.last + 1
      RETURNING last INTO v_entry.sequence;
  END IF;
  v_entry.series := p_series;
  v_entry.number := p_series || '-' || p_year || '-'
    || lpad(v_entry.sequence::text, greatest(6, length(v_entry.sequence::text)), '0');
  RETURN v_entry;
END $fn$;

-- I4: what may be reversed, and when.
CREATE OR REPLACE FUNCTION public.ledger_check_reversal(original public.ledger_journalentry, asked uuid, p_date date)
RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_reversal text;
BEGIN
  IF original.id IS NULL THEN
    RAISE EXCEPTION 'there is no entry %', asked
      USING ERRCODE = 'HM034', DETAIL = json_build_object('entry', asked)::text;
  ELSIF original.reverses_id IS NOT NULL THEN
    RAISE EXCEPTION '% is itself a reversal', original.number
      USING ERRCODE = 'HM031', DETAIL = json_build_object('number', original.number)::text;
  ELSIF p_date < original.date THEN
    RAISE EXCEPTION 'the reversal of % cannot come before it', original.number
      USING ERRCODE = 'HM032', DETAIL = json_build_object('number', original.number, 'date', original.date)::text;
  END IF;
  SELECT number INTO v_reversal FROM public.ledger_journalentry WHERE reverses_id = original.id;
  IF FOUND THEN
    RAISE EXCEPTION '% was reversed by %', original.number, v_reversal
      USING ERRCODE = 'HM030', DETAIL = json_build_object('number', original.number, 'reversal', v_reversal)::text;
  END IF;
END $fn$;

-- The lines that undo an entry: sides swapped, or (in red) the same side with the sign turned.
CREATE OR REPLACE FUNCTION public.ledger_mirror(entry uuid, red boolean) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT jsonb_agg(jsonb_build_object(
           'account', a.code,
           'debit', CASE WHEN red THEN -l.debit ELSE l.credit END,
           'credit', CASE WHEN red THEN -l.credit ELSE l.debit END,
           'party', l.party, 'due', l.due, 'tax_code', l.tax_code, 'text', l.text, 'currency', l.currency,
           'foreign_amount', -l.foreign_amount, 'cost_centre', c.code, 'project', p.code) ORDER BY l.position)
    FROM public.ledger_journalline l JOIN public.ledger_account a ON a.id = l.account_id
    LEFT JOIN public.ledger_dimension c ON c.id = l.cost_centre_id
    LEFT JOIN public.ledger_dimension p ON p.id = l.project_id
   WHERE l.entry_id = entry;
$fn$;

-- The same as a transaction of its own, which waits for the disk with no lock held and without another round trip.
-- Nobody's rights but the caller's, and no setting: only so may it end its transaction.
CREATE OR REPLACE PROCEDURE public.ledger_post_now(
  body jsonb, OUT id uuid, OUT company_id uuid, OUT journal_id uuid, OUT period_id uuid, OUT number varchar,
  OUT series varchar, OUT year smallint, OUT sequence integer, OUT date date, OUT text varchar, OUT total numeric,
  OUT key varchar, OUT digest varchar, OUT source_type varchar, OUT source_id uuid, OUT reverses_id uuid,
  OUT posted_by varchar, OUT posted_at timestamptz, OUT transaction bigint)
LANGUAGE plpgsql AS $fn$
BEGIN
  SELECT p.id, p.company_id, p.journal_id, p.period_id, p.number, p.series, p.year, p.sequence, p.date, p.text, p.total,
         p.key, p.digest, p.source_type, p.source_id, p.reverses_id, p.posted_by, p.posted_at, p.transaction
    INTO id, company_id, journal_id, period_id, number, series, year, sequence, date, text, total, key, digest,
         source_type, source_id, reverses_id, posted_by, posted_at, transaction
    FROM public.ledger_post(body) p;
  IF pg_catalog.current_setting('synchronous_commit') = 'off' THEN
    COMMIT;
    PERFORM pg_catalog.pg_logical_emit_message(false, 'ledger', '', true);
  END IF;
END $fn$;
