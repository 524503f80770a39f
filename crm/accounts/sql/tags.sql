-- A record's tags are tags that there are, each once; a tag that records bear does not vanish and is not called otherwise
-- behind their back. Whoever tags holds the tag meanwhile, so that it is not renamed under them.

CREATE OR REPLACE FUNCTION public.accounts_tags_known() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_found integer;
BEGIN
  SELECT count(*) INTO v_found
    FROM (SELECT FROM public.accounts_tag WHERE name = ANY (NEW.tags) ORDER BY id FOR SHARE) held;
  IF v_found <> cardinality(NEW.tags) THEN
    RAISE EXCEPTION 'not every one of these is a tag, once: %', NEW.tags USING ERRCODE = 'HM101';
  END IF;
  RETURN NEW;
END $fn$;
CREATE TRIGGER accounts_account_tagged BEFORE INSERT ON public.accounts_account
  FOR EACH ROW WHEN (cardinality(NEW.tags) > 0) EXECUTE FUNCTION public.accounts_tags_known();
CREATE TRIGGER accounts_account_tagged_anew BEFORE UPDATE OF tags ON public.accounts_account
  FOR EACH ROW WHEN (cardinality(NEW.tags) > 0 AND NEW.tags IS DISTINCT FROM OLD.tags)
  EXECUTE FUNCTION public.accounts_tags_known();

CREATE OR REPLACE FUNCTION public.accounts_tag_borne() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF NOT EXISTS (SELECT FROM public.accounts_tag WHERE name = OLD.name)
     AND EXISTS (SELECT FROM public.accounts_account WHERE tags @> ARRAY[OLD.name]::varchar[]) THEN
    RAISE EXCEPTION 'records bear the tag %', OLD.name USING ERRCODE = 'HM102';
  END IF;
  RETURN NULL;
END $fn$;
CREATE CONSTRAINT TRIGGER accounts_tag_stays AFTER DELETE OR UPDATE ON public.accounts_tag
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.accounts_tag_borne();
