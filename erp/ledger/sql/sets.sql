-- Many entries at once: the same rules as public.ledger_post, asked of the whole set in a handful of statements.
--
-- Entries come as arrays of one length, their lines as arrays of another; a line names its entry by that one's place
-- (from 1) and itself by its position.  Answers a row for each entry, in their order: `posted` with its number; `known`,
-- when its key was posted before with the same content; `refused`, with the SQLSTATE and the facts that ledger_post
-- would have raised; or `left`, when another one was refused and the caller wants all or nothing.
-- Locks, in this order: the sets of the company, the ground and the periods (shared), the series by their names.

-- Columns that a younger migration adds are named below; on an empty database older ones read this file before it.
SET LOCAL check_function_bodies = off;

-- What these functions were before a line could name a cost centre and a project.
DROP FUNCTION IF EXISTS public.ledger_post_set(
  uuid, text, boolean, text[], text[], date[], text[], text[], uuid[], integer[], integer[], text[], numeric[], numeric[],
  text[], date[], text[], text[], text[], numeric[]);
DROP FUNCTION IF EXISTS public.ledger_judge_set(
  public.ledger_company, text[], date[], text[], integer[], integer[], text[], numeric[], numeric[]);
DROP FUNCTION IF EXISTS public.ledger_accounts_of_words(uuid, text[]);

-- Each word once, with the account that it means: by its role before its code.
CREATE OR REPLACE FUNCTION public.ledger_accounts_of_words(p_company uuid, p_words text[])
RETURNS TABLE (word text, id uuid, active boolean, is_group boolean, control boolean, cost_centre_from date,
               project_from date)
LANGUAGE sql STABLE ROWS 100 SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT w.word, a.id, a.active, a.is_group, a.control, a.cost_centre_from, a.project_from
    FROM (SELECT DISTINCT word FROM unnest(p_words) AS word) w
    JOIN LATERAL (
      SELECT * FROM public.ledger_account
       WHERE company_id = p_company AND (role = w.word OR code = w.word)
       ORDER BY role = w.word DESC NULLS LAST LIMIT 1) a ON true;
$fn$;

-- The ids of cost centres or projects by their codes, in their order; null for one that is not there or not in use.
CREATE OR REPLACE FUNCTION public.ledger_dimensions_of_codes(p_company uuid, p_kind text, p_codes text[]) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT array_agg(d.id ORDER BY w.n)
    FROM unnest(p_codes) WITH ORDINALITY AS w(code, n)
    LEFT JOIN public.ledger_dimension d
      ON d.company_id = p_company AND d.kind = p_kind AND d.code = w.code AND d.active;
$fn$;

-- What is wrong with each entry, first things first, and where it belongs when nothing is.
CREATE OR REPLACE FUNCTION public.ledger_judge_set(
  p_company public.ledger_company, p_journals text[], p_dates date[], p_source_types text[],
  l_places integer[], l_positions integer[], l_accounts text[], l_debits numeric[], l_credits numeric[],
  l_centres text[], l_projects text[], l_centre_ids uuid[], l_project_ids uuid[])
RETURNS TABLE (place integer, journal uuid, prefix text, period uuid, year smallint, total numeric, refusal text, facts json)
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $fn$
  WITH given AS (
    SELECT * FROM unnest(p_journals, p_dates, p_source_types) WITH ORDINALITY AS g(journal, date, source_type, place)
  ), days AS (
    SELECT d.date, p.id AS period, p.starts_on, p.status, y.year
      FROM (SELECT DISTINCT date FROM given) d
      JOIN public.ledger_period p ON p.company_id = p_company.id AND d.date BETWEEN p.starts_on AND p.ends_on
      JOIN public.ledger_fiscalyear y ON y.id = p.fiscal_year_id
  ), sums AS (
    SELECT l.place, count(*) AS lines, coalesce(sum(l.debit), 0) AS debit, coalesce(sum(l.credit), 0) AS credit,
           min(ARRAY[l.position::text, l.account]) FILTER (WHERE a.id IS NULL) AS unknown,
           min(ARRAY[l.position::text, l.account]) FILTER (WHERE NOT a.active OR a.is_group) AS shut,
           min(ARRAY[l.position::text, l.account]) FILTER (WHERE a.control) AS control,
           min(ARRAY[l.position::text, l.debit::text, l.credit::text]) FILTER (
             WHERE (coalesce(l.debit, 0) <> 0) = (coalesce(l.credit, 0) <> 0) OR l.debit < 0 OR l.credit < 0
                OR NOT abs(coalesce(l.debit, 0) + coalesce(l.credit, 0)) < 1e17) AS sided,
           min(l.position) FILTER (WHERE scale(trim_scale(coalesce(l.debit, 0) + coalesce(l.credit, 0)))
                                         > p_company.currency_digits) AS fine,
           min(ARRAY[l.position::text, l.centre]) FILTER (WHERE l.centre IS NOT NULL AND l.centre_id IS NULL) AS no_centre,
           min(ARRAY[l.position::text, l.project]) FILTER (WHERE l.project IS NOT NULL AND l.project_id IS NULL) AS no_project,
           min(ARRAY[l.position::text, l.account]) FILTER (
             WHERE a.cost_centre_from IS NOT NULL AND l.centre IS NULL AND p_dates[l.place] >= a.cost_centre_from) AS wants_centre,
           min(ARRAY[l.position::text, l.account]) FILTER (
             WHERE a.project_from IS NOT NULL AND l.project IS NULL AND p_dates[l.place] >= a.project_from) AS wants_project
      FROM unnest(l_places, l_positions, l_accounts, l_debits, l_credits, l_centres, l_projects, l_centre_ids,
                  l_project_ids)
           AS l(place, position, account, debit, credit, centre, project, centre_id, project_id)
      LEFT JOIN public.ledger_accounts_of_words(p_company.id, l_accounts) a ON a.word = l.account
     GROUP BY l.place
  )
  SELECT g.place::integer, j.id, j.prefix::text, d.period, d.year, s.debit, f.fault[1], f.fault[2]::json
    FROM given g
    LEFT JOIN public.ledger_journal j ON j.company_id = p_company.id AND j.code = g.journal
    LEFT JOIN days d ON d.date = g.date
    LEFT JOIN sums s ON s.place = g.place
    CROSS JOIN LATERAL (SELECT CASE
      WHEN j.id IS NULL THEN ARRAY['HM029', json_build_object('journal', g.journal)::text]
      WHEN d.period IS NULL THEN ARRAY['HM023', json_build_object('date', g.date)::text]
      WHEN d.status IN ('closed', 'hard') OR (d.status = 'closing' AND g.journal <> 'general') THEN
        ARRAY['HM024', json_build_object('date', g.date, 'period', to_char(d.starts_on, 'YYYY-MM'), 'status', d.status)::text]
      WHEN s.unknown IS NOT NULL THEN
        ARRAY['HM025', json_build_object('line', s.unknown[1]::integer, 'account', s.unknown[2])::text]
      WHEN s.shut IS NOT NULL THEN
        ARRAY['HM026', json_build_object('line', s.shut[1]::integer, 'account', s.shut[2])::text]
      WHEN s.sided IS NOT NULL THEN
        ARRAY['HM027', json_build_object('line', s.sided[1]::integer, 'debit', s.sided[2], 'credit', s.sided[3])::text]
      WHEN s.fine IS NOT NULL THEN
        ARRAY['HM028', json_build_object('line', s.fine, 'currency', p_company.base_currency,
                                         'digits', p_company.currency_digits)::text]
      WHEN s.control IS NOT NULL AND g.source_type = 'voucher' THEN
        ARRAY['HM033', json_build_object('line', s.control[1]::integer, 'account', s.control[2])::text]
      WHEN s.no_centre IS NOT NULL THEN
        ARRAY['HM046', json_build_object('line', s.no_centre[1]::integer, 'code', s.no_centre[2])::text]
      WHEN s.no_project IS NOT NULL THEN
        ARRAY['HM047', json_build_object('line', s.no_project[1]::integer, 'code', s.no_project[2])::text]
      WHEN s.wants_centre IS NOT NULL AND g.source_type IS DISTINCT FROM 'year_end' THEN
        ARRAY['HM048', json_build_object('line', s.wants_centre[1]::integer, 'account', s.wants_centre[2])::text]
      WHEN s.wants_project IS NOT NULL AND g.source_type IS DISTINCT FROM 'year_end' THEN
        ARRAY['HM049', json_build_object('line', s.wants_project[1]::integer, 'account', s.wants_project[2])::text]
      WHEN s.debit <> s.credit THEN
        ARRAY['HM021', json_build_object('debit', s.debit, 'credit', s.credit, 'difference', s.debit - s.credit)::text]
      WHEN coalesce(s.lines, 0) < 2 THEN ARRAY['HM022', json_build_object('lines', coalesce(s.lines, 0))::text]
      END AS fault) f;
$fn$;

-- So many numbers of a series, as public.ledger_next_number takes one; answers the last of them.
CREATE OR REPLACE FUNCTION public.ledger_take_numbers(p_company uuid, p_series text, p_year smallint, p_count integer)
RETURNS integer LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_last integer;
BEGIN
  PERFORM pg_advisory_xact_lock(7104, hashtext(p_company::text || ':' || p_series || ':' || p_year));
  INSERT INTO public.ledger_series (company_id, code, year, last) VALUES (p_company, p_series, p_year, p_count)
    ON CONFLICT (company_id, code, year) DO UPDATE SET last = public.ledger_series.last + p_count
    RETURNING last INTO v_last;
  RETURN v_last;
END $fn$;

CREATE OR REPLACE FUNCTION public.ledger_post_set(
  p_company uuid, p_by text, p_all boolean,
  p_keys text[], p_journals text[], p_dates date[], p_texts text[], p_source_types text[], p_source_ids uuid[],
  l_places integer[], l_positions integer[], l_accounts text[], l_debits numeric[], l_credits numeric[],
  l_parties text[], l_dues date[], l_tax_codes text[], l_texts text[], l_currencies text[], l_foreign numeric[],
  l_centres text[] DEFAULT NULL, l_projects text[] DEFAULT NULL)
RETURNS TABLE (place integer, entry uuid, number text, outcome text, refusal text, facts json)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
#variable_conflict use_column
DECLARE
  v_company public.ledger_company;
  v_half text := left(uuidv7()::text, 24);
  v record;  -- of what is new, and of what is known or refused: arrays in the order of their places
  v_centres uuid[];  -- of the lines, in their order; none at all where no line names one
  v_projects uuid[];
  v_series text[];
  v_years smallint[];
  v_lasts integer[];
BEGIN
  PERFORM pg_advisory_xact_lock(7108, hashtext(p_company::text));
  PERFORM public.ledger_stand_on_ground();
  SELECT * INTO STRICT v_company FROM public.ledger_company WHERE id = p_company;
  PERFORM pg_advisory_xact_lock_shared(7102, hashtext(id::text)) FROM (
    SELECT DISTINCT p.id FROM (SELECT DISTINCT date FROM unnest(p_dates) AS date) d
      JOIN public.ledger_period p ON p.company_id = p_company AND d.date BETWEEN p.starts_on AND p.ends_on ORDER BY 1) held;

  IF l_centres IS NOT NULL THEN
    v_centres := public.ledger_dimensions_of_codes(p_company, 'cost_centre', l_centres);
  END IF;
  IF l_projects IS NOT NULL THEN
    v_projects := public.ledger_dimensions_of_codes(p_company, 'project', l_projects);
  END IF;

  WITH judged AS MATERIALIZED (
    SELECT j.*, k.id AS known
      FROM public.ledger_judge_set(v_company, p_journals, p_dates, p_source_types, l_places, l_positions, l_accounts,
                                   l_debits, l_credits, l_centres, l_projects, v_centres, v_projects) j
      JOIN (SELECT g.place, (SELECT e.id FROM public.ledger_journalentry e
                              WHERE e.key = g.key AND e.company_id = p_company) AS id
              FROM unnest(p_keys) WITH ORDINALITY AS g(key, place)) k ON k.place = j.place
  ), repeated AS (
    SELECT j.place, public.ledger_difference(e, jsonb_build_object(
             'journal', g.journal, 'date', g.date, 'text', g.text, 'source_type', g.source_type,
             'source_id', g.source_id, 'lines', coalesce(l.lines, '[]'::jsonb))) AS difference
      FROM judged j
      JOIN public.ledger_journalentry e ON e.id = j.known
      JOIN unnest(p_journals, p_dates, p_texts, p_source_types, p_source_ids) WITH ORDINALITY
        AS g(journal, date, text, source_type, source_id, place) ON g.place = j.place
      LEFT JOIN (
        SELECT n.place, jsonb_agg(to_jsonb(n) - 'place' - 'position' ORDER BY n.position) AS lines
          FROM unnest(l_places, l_positions, l_accounts, l_debits, l_credits, l_parties, l_dues, l_tax_codes, l_texts,
                      l_currencies, l_foreign, l_centres, l_projects)
               AS n(place, position, account, debit, credit, party, due, tax_code, text, currency, foreign_amount,
                    cost_centre, project)
         WHERE n.place IN (SELECT place FROM judged WHERE known IS NOT NULL) GROUP BY n.place) l ON l.place = j.place
  ), decided AS (
    SELECT j.place, j.known, j.journal, j.prefix, j.period, j.year, j.total,
           CASE WHEN j.known IS NULL THEN j.refusal WHEN r.difference IS NOT NULL THEN 'HM020' END AS refusal,
           CASE WHEN j.known IS NULL THEN j.facts ELSE r.difference::json END AS facts
      FROM judged j LEFT JOIN repeated r ON r.place = j.place
  ), sorted AS (
    SELECT *, known IS NULL AND refusal IS NULL AS fresh FROM decided ORDER BY place
  )
  SELECT array_agg(place) FILTER (WHERE fresh) AS places, array_agg(journal) FILTER (WHERE fresh) AS journals,
         array_agg(prefix) FILTER (WHERE fresh) AS prefixes, array_agg(period) FILTER (WHERE fresh) AS periods,
         array_agg(year) FILTER (WHERE fresh) AS years, array_agg(total) FILTER (WHERE fresh) AS totals,
         array_agg((v_half || lpad(to_hex(place), 12, '0'))::uuid) FILTER (WHERE fresh) AS ids,
         array_agg(place) FILTER (WHERE NOT fresh) AS old_places, array_agg(known) FILTER (WHERE NOT fresh) AS known,
         array_agg(refusal) FILTER (WHERE NOT fresh) AS refusals, array_agg(facts) FILTER (WHERE NOT fresh) AS facts,
         coalesce(bool_or(refusal IS NOT NULL), false) AS refused
    INTO v FROM sorted;

  RETURN QUERY
    SELECT o.place, o.known, e.number::text, CASE WHEN o.refusal IS NULL THEN 'known' ELSE 'refused' END, o.refusal, o.facts
      FROM unnest(v.old_places, v.known, v.refusals, v.facts) AS o(place, known, refusal, facts)
      LEFT JOIN public.ledger_journalentry e ON e.id = o.known;
  IF v.places IS NULL THEN
    RETURN;
  ELSIF p_all AND v.refused THEN
    RETURN QUERY SELECT place, NULL::uuid, NULL::text, 'left', NULL::text, NULL::json FROM unnest(v.places) AS place;
    RETURN;
  END IF;

  INSERT INTO public.ledger_journalline (
      entry_id, position, account_id, date, debit, credit, currency, foreign_amount, party, due, tax_code, text,
      cost_centre_id, project_id)
    SELECT e.id, l.position, a.id, d.date, coalesce(l.debit, 0), coalesce(l.credit, 0),
           coalesce(l.currency, v_company.base_currency), l.foreign_amount, coalesce(l.party, ''), l.due,
           coalesce(l.tax_code, ''), coalesce(l.text, ''), l.centre, l.project
      FROM unnest(l_places, l_positions, l_accounts, l_debits, l_credits, l_parties, l_dues, l_tax_codes, l_texts,
                  l_currencies, l_foreign, v_centres, v_projects)
           AS l(place, position, account, debit, credit, party, due, tax_code, text, currency, foreign_amount, centre,
                project)
      JOIN unnest(v.places, v.ids) AS e(place, id) ON e.place = l.place
      JOIN unnest(p_dates) WITH ORDINALITY AS d(date, place) ON d.place = l.place
      JOIN public.ledger_accounts_of_words(p_company, l_accounts) a ON a.word = l.account;

  SELECT array_agg(s.prefix), array_agg(s.year),
         array_agg(public.ledger_take_numbers(p_company, s.prefix, s.year, s.count)) INTO v_series, v_years, v_lasts
    FROM (SELECT prefix, year, count(*)::integer AS count FROM unnest(v.prefixes, v.years) AS n(prefix, year)
           GROUP BY prefix, year ORDER BY prefix, year) s;

  RETURN QUERY
    INSERT INTO public.ledger_journalentry (
        id, company_id, journal_id, period_id, number, series, year, sequence, date, text, total, key, digest,
        source_type, source_id, posted_by, posted_at, transaction)
      SELECT e.id, p_company, e.journal, e.period,
             e.prefix || '-' || e.year || '-' || lpad(e.sequence::text, greatest(6, length(e.sequence::text)), '0'),
             e.prefix, e.year, e.sequence, g.date, coalesce(g.text, ''), e.total, g.key, '',
             coalesce(g.source_type, ''), g.source_id, coalesce(p_by, ''), clock_timestamp(),
             pg_current_xact_id()::text::bigint
        FROM (SELECT n.*, s.last + (row_number() OVER counted - count(*) OVER series)::integer AS sequence
                FROM unnest(v.places, v.ids, v.journals, v.periods, v.prefixes, v.years, v.totals)
                       AS n(place, id, journal, period, prefix, year, total)
                JOIN unnest(v_series, v_years, v_lasts) AS s(prefix, year, last)
                  ON s.prefix = n.prefix AND s.year = n.year
              WINDOW series AS (PARTITION BY n.prefix, n.year), counted AS (series ORDER BY n.place)) e
        JOIN unnest(p_keys, p_journals, p_dates, p_texts, p_source_types, p_source_ids) WITH ORDINALITY
               AS g(key, journal, date, text, source_type, source_id, place) ON g.place = e.place
       ORDER BY e.place
      RETURNING ('x' || right(id::text, 12))::bit(48)::bigint::integer, id, number::text, 'posted', NULL::text, NULL::json;
END $fn$;

DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  REVOKE EXECUTE ON FUNCTION public.ledger_take_numbers(uuid, text, smallint, integer) FROM PUBLIC;
  IF v_app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    EXECUTE pg_catalog.format(
      'REVOKE EXECUTE ON FUNCTION public.ledger_take_numbers(uuid, text, smallint, integer) FROM %I', v_app);
  END IF;
END $do$;
