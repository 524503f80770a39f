-- The second belt: what must hold even if the posting function were wrong, or somebody writes by hand as the owner.
-- The functions behind these triggers that see every posting are in belt.sql.

DROP TRIGGER IF EXISTS ledger_line_check ON public.ledger_journalline;
CREATE CONSTRAINT TRIGGER ledger_line_check AFTER INSERT ON public.ledger_journalline
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.position = 1) EXECUTE FUNCTION public.ledger_check_line();

CREATE OR REPLACE TRIGGER ledger_entries_guard AFTER INSERT ON public.ledger_journalentry
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_guard_entries();

CREATE OR REPLACE TRIGGER ledger_lines_guard AFTER INSERT ON public.ledger_journalline
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_guard_lines();

-- I6: a counter moves forward, and every number it gives out belongs to an entry when the transaction commits.
CREATE OR REPLACE FUNCTION public.ledger_guard_series() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.last > 0 THEN
    RETURN NEW;
  ELSIF TG_OP = 'UPDATE' AND NEW.last > OLD.last
        AND (NEW.id, NEW.company_id, NEW.code, NEW.year) = (OLD.id, OLD.company_id, OLD.code, OLD.year) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a counter moves forward and never back' USING ERRCODE = 'HM037';
END $fn$;

CREATE OR REPLACE TRIGGER ledger_series_guard BEFORE INSERT OR UPDATE OR DELETE ON public.ledger_series
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_series();
CREATE OR REPLACE TRIGGER ledger_series_not_truncated BEFORE TRUNCATE ON public.ledger_series
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

DROP TRIGGER IF EXISTS ledger_series_check ON public.ledger_series;
CREATE CONSTRAINT TRIGGER ledger_series_check AFTER INSERT OR UPDATE ON public.ledger_series
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.ledger_check_series();

-- What entries rest on does not change under them.
CREATE OR REPLACE FUNCTION public.ledger_guard_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF (NEW.id, NEW.company_id, NEW.type, NEW.is_group) IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.type, OLD.is_group) THEN
    PERFORM public.ledger_hold_ground();
    IF EXISTS (SELECT FROM public.ledger_journalline WHERE account_id = OLD.id) THEN
      RAISE EXCEPTION 'account % has entries: its company and type stay', OLD.code
        USING ERRCODE = 'HM038', DETAIL = json_build_object('what', OLD.code)::text;
    END IF;
  END IF;
  RETURN NEW;
END $fn$;

CREATE OR REPLACE TRIGGER ledger_account_guard BEFORE UPDATE ON public.ledger_account
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_account();

CREATE OR REPLACE FUNCTION public.ledger_guard_journal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF (NEW.id, NEW.company_id, NEW.code, NEW.prefix) IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.code, OLD.prefix) THEN
    PERFORM public.ledger_hold_ground();
    IF EXISTS (SELECT FROM public.ledger_journalentry WHERE journal_id = OLD.id) THEN
      RAISE EXCEPTION 'journal % has entries: its code and prefix stay', OLD.code
        USING ERRCODE = 'HM038', DETAIL = json_build_object('what', OLD.code)::text;
    END IF;
  END IF;
  RETURN NEW;
END $fn$;

CREATE OR REPLACE TRIGGER ledger_journal_guard BEFORE UPDATE ON public.ledger_journal
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_journal();

CREATE OR REPLACE FUNCTION public.ledger_guard_company() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF (NEW.id, NEW.base_currency, NEW.currency_digits)
       IS DISTINCT FROM (OLD.id, OLD.base_currency, OLD.currency_digits) THEN
    PERFORM public.ledger_hold_ground();
    IF EXISTS (SELECT FROM public.ledger_journalentry WHERE company_id = OLD.id) THEN
      RAISE EXCEPTION 'company % has entries: its currency stays', OLD.code
        USING ERRCODE = 'HM038', DETAIL = json_build_object('what', OLD.code)::text;
    END IF;
  END IF;
  RETURN NEW;
END $fn$;

CREATE OR REPLACE TRIGGER ledger_company_guard BEFORE UPDATE ON public.ledger_company
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_company();

-- Nor does it go: what a foreign key would ask of the rows it points to (they have none, docs/adr/0014).
CREATE OR REPLACE FUNCTION public.ledger_guard_ground() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  PERFORM public.ledger_hold_ground();
  IF (TG_TABLE_NAME = 'ledger_account' AND EXISTS (SELECT FROM public.ledger_journalline WHERE account_id = OLD.id))
     OR (TG_TABLE_NAME = 'ledger_journal' AND EXISTS (SELECT FROM public.ledger_journalentry WHERE journal_id = OLD.id)) THEN
    RAISE EXCEPTION '% has entries and stays', OLD.code
      USING ERRCODE = 'HM038', DETAIL = json_build_object('what', OLD.code)::text;
  END IF;
  RETURN NULL;
END $fn$;

CREATE OR REPLACE TRIGGER ledger_account_stays AFTER DELETE ON public.ledger_account
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_ground();
CREATE OR REPLACE TRIGGER ledger_journal_stays AFTER DELETE ON public.ledger_journal
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_ground();
CREATE OR REPLACE TRIGGER ledger_account_not_truncated BEFORE TRUNCATE ON public.ledger_account
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE OR REPLACE TRIGGER ledger_journal_not_truncated BEFORE TRUNCATE ON public.ledger_journal
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
