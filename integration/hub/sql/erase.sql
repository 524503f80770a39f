CREATE OR REPLACE FUNCTION public.hub_archive_keeps() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  -- Only the words of an event may go, and only with an erasure that says who took them away and why.
  IF TG_OP = 'UPDATE' AND NEW.body = ''::bytea
     AND to_jsonb(NEW) - 'body' = to_jsonb(OLD) - 'body'
     AND EXISTS (SELECT FROM public.hub_erasure e WHERE e.event_id = OLD.event_id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% on % is refused: what is written there stays', TG_OP, TG_TABLE_NAME USING ERRCODE = 'HM010';
END $fn$;

DROP TRIGGER IF EXISTS hub_archived_stays ON public.hub_archived;
CREATE TRIGGER hub_archived_stays BEFORE UPDATE OR DELETE ON public.hub_archived
  FOR EACH ROW EXECUTE FUNCTION public.hub_archive_keeps();

CREATE OR REPLACE FUNCTION public.hub_erase(which uuid, who text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF who = '' OR why = '' THEN
    RAISE EXCEPTION 'an erasure says who and why' USING ERRCODE = 'HM011';
  END IF;
  INSERT INTO public.hub_erasure (event_id, "by", reason, at) VALUES (which, who, why, clock_timestamp())
    ON CONFLICT (event_id) DO NOTHING;
  UPDATE public.hub_archived SET body = ''::bytea WHERE event_id = which AND body <> ''::bytea;
END $fn$;
REVOKE ALL ON FUNCTION public.hub_erase(uuid, text, text) FROM PUBLIC;
DO $do$ BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = regexp_replace(current_user, '_owner$', '_app'))
     AND regexp_replace(current_user, '_owner$', '_app') <> current_user THEN
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION public.hub_erase(uuid, text, text) TO %I',
                              regexp_replace(current_user, '_owner$', '_app'));
  END IF;
END $do$;
