-- I6: every number that a series gives out belongs to an entry when the transaction commits (trigger in guards.sql).
CREATE OR REPLACE FUNCTION public.ledger_check_series() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_from integer := CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.last END;
BEGIN
  -- One number is looked up; a set's are counted, which is as good, as each is there once at most.
  IF NEW.last = v_from + 1 AND EXISTS (
       SELECT FROM public.ledger_journalentry WHERE sequence = NEW.last AND year = NEW.year
         AND series = NEW.code AND company_id IS NOT DISTINCT FROM NEW.company_id) THEN
    RETURN NULL;
  ELSIF NEW.last - v_from <> (
       SELECT count(*) FROM public.ledger_journalentry WHERE sequence > v_from AND sequence <= NEW.last
         AND year = NEW.year AND series = NEW.code AND company_id IS NOT DISTINCT FROM NEW.company_id) THEN
    RAISE EXCEPTION 'a number of series % % up to % belongs to no entry', NEW.code, NEW.year, NEW.last
      USING ERRCODE = 'HM037';
  END IF;
  RETURN NULL;
END $fn$;
