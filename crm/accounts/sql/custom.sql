-- What records say in the fields that a company added: each value is of a field there is, and of its kind. Whoever writes
-- holds the fields meanwhile, so that a field does not become another while values of it are being written.

CREATE OR REPLACE FUNCTION public.accounts_custom_fits() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_key text;
  v_known integer;
BEGIN
  IF jsonb_typeof(NEW.custom) <> 'object' THEN
    RETURN NEW;  -- refused by the constraint
  END IF;
  SELECT count(*), min(f.key) FILTER (WHERE jsonb_typeof(NEW.custom -> f.key) <> CASE f.kind
           WHEN 'number' THEN 'number' WHEN 'yes_no' THEN 'boolean' ELSE 'string' END)
    INTO v_known, v_key
    FROM (SELECT d.key, d.kind FROM public.accounts_customfield d
           WHERE d.of = TG_ARGV[0] AND NEW.custom ? d.key ORDER BY d.id FOR SHARE) f;
  IF v_key IS NOT NULL THEN
    RAISE EXCEPTION 'the value of % is of another kind than its field', v_key USING ERRCODE = 'HM103';
  END IF;
  IF v_known <> (SELECT count(*) FROM jsonb_object_keys(NEW.custom)) THEN
    RAISE EXCEPTION 'not every one of these is a field of this record: %', NEW.custom USING ERRCODE = 'HM103';
  END IF;
  RETURN NEW;
END $fn$;

-- A field stays what it is while records hold values of it; there are thirty of a kind at most.
CREATE OR REPLACE FUNCTION public.accounts_customfield_stays() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_table text;
  v_held boolean := false;
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM pg_advisory_xact_lock(hashtext('accounts_customfield ' || NEW.of));
    IF (SELECT count(*) FROM public.accounts_customfield d WHERE d.of = NEW.of) >= 30 THEN
      RAISE EXCEPTION 'thirty fields of one kind of record are enough' USING ERRCODE = 'HM107';
    END IF;
    RETURN NEW;
  END IF;
  v_table := CASE OLD.of WHEN 'account' THEN 'accounts_account' WHEN 'contact' THEN 'accounts_contact'
                         WHEN 'lead' THEN 'leads_lead' ELSE 'pipeline_deal' END;
  IF TG_OP = 'UPDATE' AND (NEW.of, NEW.key) IS DISTINCT FROM (OLD.of, OLD.key) THEN
    RAISE EXCEPTION 'a field keeps its key and its kind of record' USING ERRCODE = 'HM104';
  END IF;
  IF TG_OP = 'DELETE' OR NEW.kind <> OLD.kind THEN
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE custom ? $1)', v_table) INTO v_held USING OLD.key;
    IF v_held THEN
      RAISE EXCEPTION 'records hold values of %', OLD.key USING ERRCODE = 'HM105';
    END IF;
  ELSIF NOT NEW.options @> OLD.options THEN
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE custom ? $1 AND NOT custom ->> $1 = ANY ($2))', v_table)
      INTO v_held USING OLD.key, NEW.options;
    IF v_held THEN
      RAISE EXCEPTION 'records hold an option of % that would go', OLD.key USING ERRCODE = 'HM106';
    END IF;
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $fn$;
CREATE TRIGGER accounts_customfield_stays BEFORE INSERT OR UPDATE OR DELETE ON public.accounts_customfield
  FOR EACH ROW EXECUTE FUNCTION public.accounts_customfield_stays();
