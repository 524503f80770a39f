-- A paper stays as it was kept; it is taken away only from a voucher that is not posted.

CREATE OR REPLACE FUNCTION public.ledger_guard_attachment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.size <> length(NEW.body) OR NEW.digest <> encode(sha256(NEW.body), 'hex') THEN
      RAISE EXCEPTION '%: what is said of the file is not what it is', NEW.filename USING ERRCODE = 'HM044';
    END IF;
    RETURN NEW;
  ELSIF TG_OP = 'UPDATE' THEN
    RAISE EXCEPTION '%: a paper stays as it was kept', OLD.filename USING ERRCODE = 'HM044';
  END IF;
  -- The voucher's row, so that nobody posts it meanwhile.
  PERFORM FROM public.ledger_voucher WHERE id = OLD.voucher_id AND status <> 'posted' FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION '%: it is in the books', OLD.filename
      USING ERRCODE = 'HM045', DETAIL = json_build_object('name', OLD.filename)::text;
  END IF;
  RETURN OLD;
END $fn$;

CREATE TRIGGER attachment_guard BEFORE INSERT OR UPDATE OR DELETE ON public.ledger_attachment
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_attachment();
CREATE TRIGGER attachment_not_truncated BEFORE TRUNCATE ON public.ledger_attachment
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  IF v_app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    EXECUTE pg_catalog.format('REVOKE UPDATE, TRUNCATE, REFERENCES, TRIGGER ON public.ledger_attachment FROM %I', v_app);
  END IF;
END $do$;
