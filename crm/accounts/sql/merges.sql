-- A merge is written once and split once; what it says of the two stays.

CREATE OR REPLACE FUNCTION public.accounts_keep_merge() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.split_at IS NULL
     AND to_jsonb(NEW) - 'split_at' - 'split_by_id' = to_jsonb(OLD) - 'split_at' - 'split_by_id' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what was merged stays written as it was' USING ERRCODE = 'HM097';
END $fn$;
CREATE TRIGGER accounts_merge_stays BEFORE UPDATE OR DELETE ON public.accounts_merge
  FOR EACH ROW EXECUTE FUNCTION public.accounts_keep_merge();
