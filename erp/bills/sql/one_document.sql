-- A payment to a supplier settles one document: a bill, or an item from before these books.

CREATE OR REPLACE FUNCTION public.bill_pay_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  PERFORM FROM public.banking_receipt WHERE id = NEW.receipt_id FOR UPDATE;
  IF EXISTS (SELECT FROM public.openings_openingallocation WHERE receipt_id = NEW.receipt_id) THEN
    RAISE EXCEPTION 'this payment settles something else' USING ERRCODE = 'HM077';
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER bill_payment_once BEFORE INSERT ON public.bills_billpayment
  FOR EACH ROW EXECUTE FUNCTION public.bill_pay_once();
