-- What a customer paid too much settles invoices or goes back, and never more of it than came, however many try at once.

-- What is left of a payment; the caller holds its row.
CREATE OR REPLACE FUNCTION public.invoice_rest(p_receipt uuid) RETURNS numeric LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT r.amount - coalesce((SELECT sum(amount) FROM public.invoices_allocation WHERE receipt_id = r.id), 0)
                  - coalesce((SELECT sum(amount) FROM public.banking_receipt WHERE refunds_id = r.id), 0)
    FROM public.banking_receipt r WHERE r.id = p_receipt;
$fn$;

CREATE OR REPLACE FUNCTION public.invoice_check_rest() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_payment public.banking_receipt;
  v_rest numeric;
BEGIN
  SELECT * INTO v_payment FROM public.banking_receipt
   WHERE id = (CASE TG_TABLE_NAME WHEN 'banking_receipt' THEN to_jsonb(NEW)->>'refunds_id'
                                  ELSE to_jsonb(NEW)->>'receipt_id' END)::uuid FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NEW;
  END IF;
  IF TG_TABLE_NAME = 'banking_receipt'
     AND (v_payment.kind, v_payment.party_id, v_payment.currency, v_payment.excess > 0)
         IS DISTINCT FROM ('payment', (to_jsonb(NEW)->>'party_id')::uuid, to_jsonb(NEW)->>'currency', true) THEN
    RAISE EXCEPTION 'only what the same party paid too much is paid back' USING ERRCODE = 'HM077';
  END IF;
  v_rest := public.invoice_rest(v_payment.id);
  IF NEW.amount > v_rest AND (TG_TABLE_NAME = 'banking_receipt' OR v_payment.excess > 0) THEN
    RAISE EXCEPTION '%: only % is left of it', v_payment.number, v_rest
      USING ERRCODE = 'HM086', DETAIL = json_build_object('number', v_payment.number, 'rest', v_rest)::text;
  END IF;
  RETURN NEW;
END $fn$;

CREATE OR REPLACE TRIGGER banking_receipt_rest BEFORE INSERT ON public.banking_receipt
  FOR EACH ROW WHEN (NEW.refunds_id IS NOT NULL) EXECUTE FUNCTION public.invoice_check_rest();
CREATE OR REPLACE TRIGGER invoice_allocation_rest BEFORE INSERT ON public.invoices_allocation
  FOR EACH ROW WHEN (NEW.receipt_id IS NOT NULL) EXECUTE FUNCTION public.invoice_check_rest();

-- What of a payment settles nothing is told with it, or the rest would be nobody's.
CREATE OR REPLACE FUNCTION public.invoice_check_excess() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF public.invoice_rest(NEW.id) > NEW.excess THEN
    RAISE EXCEPTION '%: more of it settles nothing than it says', NEW.number USING ERRCODE = 'HM087';
  END IF;
  RETURN NULL;
END $fn$;

CREATE CONSTRAINT TRIGGER banking_receipt_excess AFTER INSERT ON public.banking_receipt
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'payment')
  EXECUTE FUNCTION public.invoice_check_excess();

DO $do$
BEGIN
  REVOKE EXECUTE ON FUNCTION public.invoice_rest(uuid) FROM PUBLIC;
END $do$;
