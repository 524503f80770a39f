-- I6: every number that a series gives out belongs to an entry when the transaction commits (trigger in guards.sql).
CREATE OR REPLACE FUNCTION public.ledger_check_series() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF NOT EXISTS (SELECT FROM public.ledger_journalentry WHERE sequence = NEW.last AND year = NEW.year
                   AND series = NEW.code AND company_id IS NOT DISTINCT FROM NEW.company_id) THEN
    RAISE EXCEPTION 'number % of series % % belongs to no entry', NEW.last, NEW.code, NEW.year USING ERRCODE = 'HM037';
  END IF;
  RETURN NULL;
END $fn$;
