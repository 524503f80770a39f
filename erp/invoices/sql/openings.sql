-- What of a payment settled items from before these books is used as well.

CREATE OR REPLACE FUNCTION public.invoice_rest(p_receipt uuid) RETURNS numeric LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT r.amount - coalesce((SELECT sum(amount) FROM public.invoices_allocation WHERE receipt_id = r.id), 0)
                  - coalesce((SELECT sum(amount) FROM public.openings_openingallocation WHERE receipt_id = r.id), 0)
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
  IF NEW.amount > v_rest THEN
    RAISE EXCEPTION '%: only % is left of it', v_payment.number, v_rest
      USING ERRCODE = 'HM086', DETAIL = json_build_object('number', v_payment.number, 'rest', v_rest)::text;
  END IF;
  RETURN NEW;
END $fn$;
