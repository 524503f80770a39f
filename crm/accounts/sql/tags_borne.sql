-- A tag does not vanish and is not called otherwise while a record of the table that the trigger names bears it.

CREATE OR REPLACE FUNCTION public.accounts_tag_borne_by() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_borne boolean;
BEGIN
  IF NOT EXISTS (SELECT FROM public.accounts_tag WHERE name = OLD.name) THEN
    EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM public.%I WHERE tags @> ARRAY[$1]::varchar[])', TG_ARGV[0])
      INTO v_borne USING OLD.name;
    IF v_borne THEN
      RAISE EXCEPTION 'records bear the tag %', OLD.name USING ERRCODE = 'HM102';
    END IF;
  END IF;
  RETURN NULL;
END $fn$;
DROP TRIGGER accounts_tag_stays ON public.accounts_tag;
CREATE CONSTRAINT TRIGGER accounts_tag_stays_on_accounts_account AFTER DELETE OR UPDATE ON public.accounts_tag
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.accounts_tag_borne_by('accounts_account');
DROP FUNCTION public.accounts_tag_borne();
