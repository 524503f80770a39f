-- Cost centres and projects: what lines rest on stays, and what an account asks for is true of every line that stands.

CREATE OR REPLACE FUNCTION public.ledger_guard_dimension() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'UPDATE'
     AND (NEW.id, NEW.company_id, NEW.kind, NEW.code) IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.kind, OLD.code) THEN
    PERFORM public.ledger_hold_ground();
    IF public.ledger_dimension_has_lines(OLD.id, OLD.kind) THEN
      RAISE EXCEPTION '% has lines: its code stays', OLD.code
        USING ERRCODE = 'HM038', DETAIL = json_build_object('what', OLD.code)::text;
    END IF;
  END IF;
  IF NEW.parent_id IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(7112, hashtext(NEW.company_id::text));  -- two at once would not see each other's
    IF NOT EXISTS (SELECT FROM public.ledger_dimension
                    WHERE id = NEW.parent_id AND company_id = NEW.company_id AND kind = NEW.kind)
       OR EXISTS (WITH RECURSIVE above(id, parent_id) AS (
                    SELECT id, parent_id FROM public.ledger_dimension WHERE id = NEW.parent_id
                    UNION SELECT d.id, d.parent_id FROM above JOIN public.ledger_dimension d ON d.id = above.parent_id)
                  SELECT FROM above WHERE id = NEW.id) THEN
      RAISE EXCEPTION '% cannot belong there', NEW.code
        USING ERRCODE = 'HM052', DETAIL = json_build_object('code', NEW.code)::text;
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.company_id, NEW.kind) IS DISTINCT FROM (OLD.company_id, OLD.kind)
     AND EXISTS (SELECT FROM public.ledger_dimension WHERE parent_id = NEW.id) THEN
    RAISE EXCEPTION '% has others below it', OLD.code
      USING ERRCODE = 'HM052', DETAIL = json_build_object('code', OLD.code)::text;
  END IF;
  RETURN NEW;
END $fn$;

CREATE OR REPLACE FUNCTION public.ledger_dimension_has_lines(p_id uuid, p_kind text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $fn$
BEGIN
  RETURN CASE p_kind WHEN 'cost_centre' THEN EXISTS (SELECT FROM public.ledger_journalline WHERE cost_centre_id = p_id)
                     ELSE EXISTS (SELECT FROM public.ledger_journalline WHERE project_id = p_id) END;
END $fn$;

CREATE OR REPLACE TRIGGER ledger_dimension_guard BEFORE INSERT OR UPDATE ON public.ledger_dimension
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_dimension();

-- Nor does one go that lines name (they have no foreign key, docs/adr/0014).
CREATE OR REPLACE FUNCTION public.ledger_keep_dimension() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  PERFORM public.ledger_hold_ground();
  IF public.ledger_dimension_has_lines(OLD.id, OLD.kind) THEN
    RAISE EXCEPTION '% has lines and stays', OLD.code
      USING ERRCODE = 'HM038', DETAIL = json_build_object('what', OLD.code)::text;
  END IF;
  RETURN NULL;
END $fn$;

CREATE OR REPLACE TRIGGER ledger_dimension_stays AFTER DELETE ON public.ledger_dimension
  FOR EACH ROW EXECUTE FUNCTION public.ledger_keep_dimension();
CREATE OR REPLACE TRIGGER ledger_dimension_not_truncated BEFORE TRUNCATE ON public.ledger_dimension
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- The lines of an account since a day that name none of a kind.  What was undone, what undid it, and the transfer of a
-- year's result are asked for nothing.
CREATE OR REPLACE FUNCTION public.ledger_lines_without(p_account uuid, p_kind text, p_from date) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  RETURN (SELECT count(*)
            FROM public.ledger_journalline l JOIN public.ledger_journalentry e ON e.id = l.entry_id
           WHERE l.account_id = p_account AND l.date >= p_from
             AND CASE p_kind WHEN 'cost_centre' THEN l.cost_centre_id ELSE l.project_id END IS NULL
             AND e.reverses_id IS NULL AND e.source_type <> 'year_end'
             AND NOT EXISTS (SELECT FROM public.ledger_journalentry r WHERE r.reverses_id = e.id));
END $fn$;

-- An account asks for a cost centre from a day on only if its lines since then have one.
CREATE OR REPLACE FUNCTION public.ledger_guard_asking() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_lines bigint;
BEGIN
  IF NEW.cost_centre_from < coalesce(OLD.cost_centre_from, 'infinity') THEN
    PERFORM public.ledger_hold_ground();
    v_lines := public.ledger_lines_without(NEW.id, 'cost_centre', NEW.cost_centre_from);
    IF v_lines > 0 THEN
      RAISE EXCEPTION '% lines of % have no cost centre since %', v_lines, NEW.code, NEW.cost_centre_from
        USING ERRCODE = 'HM050', DETAIL = json_build_object(
          'count', v_lines, 'account', NEW.code, 'date', NEW.cost_centre_from)::text;
    END IF;
  END IF;
  IF NEW.project_from < coalesce(OLD.project_from, 'infinity') THEN
    PERFORM public.ledger_hold_ground();
    v_lines := public.ledger_lines_without(NEW.id, 'project', NEW.project_from);
    IF v_lines > 0 THEN
      RAISE EXCEPTION '% lines of % have no project since %', v_lines, NEW.code, NEW.project_from
        USING ERRCODE = 'HM051', DETAIL = json_build_object(
          'count', v_lines, 'account', NEW.code, 'date', NEW.project_from)::text;
    END IF;
  END IF;
  RETURN NEW;
END $fn$;

CREATE OR REPLACE TRIGGER ledger_account_asks BEFORE UPDATE OF cost_centre_from, project_from ON public.ledger_account
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_asking();
