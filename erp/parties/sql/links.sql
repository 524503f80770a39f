-- A link leads to the party that stands for all: never to itself, in a circle or along a chain, whoever writes it.
-- The rival who links the other way round waits for the row held here, and then sees what was written.

CREATE OR REPLACE FUNCTION public.parties_link_is_direct() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  further uuid;
  what text;
BEGIN
  SELECT merged_into_id, kind INTO further, what FROM public.parties_party
    WHERE id = NEW.merged_into_id FOR NO KEY UPDATE;
  IF further IS NOT NULL OR what <> 'customer'
     OR EXISTS (SELECT FROM public.parties_party WHERE merged_into_id = NEW.id) THEN
    RAISE EXCEPTION 'party % cannot be linked to %: the one stands for others, or the other does not stand for itself',
      NEW.code, NEW.merged_into_id USING ERRCODE = 'HM103';
  END IF;
  RETURN NEW;
END $fn$;
CREATE TRIGGER parties_party_link_is_direct BEFORE INSERT OR UPDATE OF merged_into_id ON public.parties_party
  FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL) EXECUTE FUNCTION public.parties_link_is_direct();
