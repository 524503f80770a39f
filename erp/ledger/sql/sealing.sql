-- I8: a chain of hashes over every business column of entries and lines, sealed in batches off the hot path.  A batch
-- is a range of one series; its head covers the head before it, so that whoever holds a head holds all that came before.

-- Columns that a younger migration adds are named below; on an empty database older ones read this file before it.
SET LOCAL check_function_bodies = off;

-- What is hashed of an entry: its columns and its lines' columns, in this order, as a JSON array.  A line without cost
-- centre and project is hashed as lines were before there were any, so that older seals hold.
CREATE OR REPLACE FUNCTION public.ledger_entry_hash(e public.ledger_journalentry) RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT sha256(convert_to(jsonb_build_array(
      e.id, e.company_id, e.journal_id, e.period_id, e.number, e.series, e.year, e.sequence, e.date, e.text, e.total,
      e.key, e.digest, e.source_type, e.source_id, e.reverses_id, e.posted_by,
      to_char(e.posted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
      (SELECT jsonb_agg(jsonb_build_array(
                l.id, l.position, l.account_id, l.date, l.debit, l.credit, l.currency, l.foreign_amount, l.party, l.due,
                l.tax_code, l.text)
                || CASE WHEN l.cost_centre_id IS NULL AND l.project_id IS NULL THEN '[]'::jsonb
                        ELSE jsonb_build_array(l.cost_centre_id, l.project_id) END ORDER BY l.position)
         FROM public.ledger_journalline l WHERE l.entry_id = e.id))::text, 'UTF8'));
$fn$;

-- The head of a range after the head `p_previous`, and how many entries it covers.
CREATE OR REPLACE FUNCTION public.ledger_head(
  p_previous text, p_company uuid, p_series text, p_year integer, p_first integer, p_last integer)
RETURNS TABLE (entries bigint, head text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT count(*), encode(sha256(
      convert_to(concat_ws('|', p_previous, p_company, p_series, p_year, p_first, p_last), 'UTF8')
      || coalesce(string_agg(public.ledger_entry_hash(e), ''::bytea ORDER BY e.sequence), ''::bytea)), 'hex')
    FROM public.ledger_journalentry e
   WHERE e.series = p_series AND e.year = p_year AND e.sequence BETWEEN p_first AND p_last
     AND e.company_id IS NOT DISTINCT FROM p_company;
$fn$;

-- Seal what is not sealed yet, at most so many entries in a batch and one batch of each series; returns the new seals.
CREATE OR REPLACE FUNCTION public.ledger_seal_books(p_company uuid, p_most integer, p_by text)
RETURNS SETOF public.ledger_seal
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_series record;
  v_last public.ledger_seal;
  v_new public.ledger_seal;
BEGIN
  PERFORM pg_advisory_xact_lock(7107, hashtext(p_company::text));
  SELECT * INTO v_last FROM public.ledger_seal WHERE company_id = p_company ORDER BY position DESC LIMIT 1;
  FOR v_series IN
    SELECT s.code, s.year, s.last, coalesce(max(k.last_sequence), 0) AS sealed
      FROM public.ledger_series s
      LEFT JOIN public.ledger_seal k ON k.company_id = s.company_id AND k.series = s.code AND k.year = s.year
     WHERE s.company_id = p_company GROUP BY s.code, s.year, s.last HAVING s.last > coalesce(max(k.last_sequence), 0)
     ORDER BY s.year, s.code
  LOOP
    v_new := NULL;
    v_new.id := uuidv7();
    v_new.company_id := p_company;
    v_new.position := coalesce(v_last.position, 0) + 1;
    v_new.series := v_series.code;
    v_new.year := v_series.year;
    v_new.first_sequence := v_series.sealed + 1;
    v_new.last_sequence := least(v_series.last, v_series.sealed + p_most);
    v_new.previous := coalesce(v_last.head, '');
    SELECT h.entries, h.head INTO v_new.entries, v_new.head
      FROM public.ledger_head(v_new.previous, p_company, v_new.series, v_new.year, v_new.first_sequence,
                              v_new.last_sequence) h;
    v_new.sealed_at := clock_timestamp();
    v_new.sealed_by := p_by;
    INSERT INTO public.ledger_seal SELECT v_new.* RETURNING * INTO v_last;
    RETURN NEXT v_last;
  END LOOP;
END $fn$;

CREATE OR REPLACE FUNCTION public.ledger_guard_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF NOT public.ledger_inside(v_stack, 'ledger_seal_books') THEN
    RAISE EXCEPTION 'seals are written by public.ledger_seal_books only' USING ERRCODE = 'HM035';
  END IF;
  RETURN NEW;
END $fn$;

DROP TRIGGER IF EXISTS ledger_seal_guard ON public.ledger_seal;
CREATE TRIGGER ledger_seal_guard BEFORE INSERT ON public.ledger_seal
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_seal();
