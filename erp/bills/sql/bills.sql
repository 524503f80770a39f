-- A posted bill stays as it is; what is open of it moves with its payments, and in no other way.

CREATE OR REPLACE FUNCTION public.bill_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
  v_booked numeric;
  v_sums record;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a bill is discarded, not deleted' USING ERRCODE = 'HM088';
  ELSIF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'draft' OR NEW.open_amount <> 0 THEN
      RAISE EXCEPTION 'a bill begins as a draft' USING ERRCODE = 'HM088';
    END IF;
    RETURN NEW;
  ELSIF OLD.status = 'posted' THEN
    GET DIAGNOSTICS v_stack = PG_CONTEXT;
    IF (to_jsonb(NEW) - 'open_amount' - 'updated_at') IS DISTINCT FROM (to_jsonb(OLD) - 'open_amount' - 'updated_at')
       OR (NEW.open_amount <> OLD.open_amount AND v_stack !~ 'function (public\.)?bill_pay\(') THEN
      RAISE EXCEPTION '%: a posted bill stays as it is', OLD.number USING ERRCODE = 'HM088';
    END IF;
  ELSIF NEW.status = 'posted' THEN
    SELECT sum(l.credit - l.debit) INTO v_booked
      FROM public.ledger_journalline l
      JOIN public.ledger_journalentry e ON e.id = l.entry_id AND e.source_id = NEW.id AND e.company_id = NEW.company_id
      JOIN public.ledger_account a ON a.id = l.account_id AND a.role = 'payable'
     WHERE l.entry_id = NEW.entry_id;
    SELECT sum(b.net) AS net, sum(b.net + CASE c.treatment WHEN 'normal' THEN b.tax ELSE 0 END) AS payable INTO v_sums
      FROM public.bills_billline b LEFT JOIN public.tax_taxclass c ON c.code = b.tax_class WHERE b.bill_id = NEW.id;
    IF v_booked IS DISTINCT FROM NEW.payable OR NEW.open_amount <> NEW.payable
       OR (NEW.net, NEW.payable) IS DISTINCT FROM (v_sums.net, v_sums.payable) THEN
      RAISE EXCEPTION '%: bill, lines and entry differ', NEW.number USING ERRCODE = 'HM089';
    END IF;
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER bill_guard BEFORE INSERT OR UPDATE OR DELETE ON public.bills_bill
  FOR EACH ROW EXECUTE FUNCTION public.bill_guard();
CREATE TRIGGER bill_not_truncated BEFORE TRUNCATE ON public.bills_bill
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE OR REPLACE FUNCTION public.bill_guard_line() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF EXISTS (SELECT FROM public.bills_bill WHERE status = 'posted'
              AND id IN (CASE WHEN TG_OP <> 'INSERT' THEN OLD.bill_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.bill_id END)) THEN
    RAISE EXCEPTION 'the lines of a posted bill stay as they are' USING ERRCODE = 'HM088';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $fn$;

CREATE TRIGGER bill_line_guard BEFORE INSERT OR UPDATE OR DELETE ON public.bills_billline
  FOR EACH ROW EXECUTE FUNCTION public.bill_guard_line();

-- I10: never more is paid of a bill than is open, nor more than left the bank, however many try at once.
CREATE OR REPLACE FUNCTION public.bill_pay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_bill public.bills_bill;
  v_paid public.banking_receipt;
BEGIN
  SELECT * INTO v_bill FROM public.bills_bill WHERE id = NEW.bill_id FOR UPDATE;
  SELECT * INTO v_paid FROM public.banking_receipt WHERE id = NEW.receipt_id;
  IF v_bill.status <> 'posted' OR (v_paid.kind, v_paid.party_id, v_paid.currency, v_paid.amount)
       IS DISTINCT FROM ('paid', v_bill.party_id, v_bill.currency, NEW.amount) THEN
    RAISE EXCEPTION '%: this cannot settle it', v_bill.number USING ERRCODE = 'HM077';
  END IF;
  IF NEW.amount > v_bill.open_amount THEN
    RAISE EXCEPTION '%: % is more than the % that is open', v_bill.number, NEW.amount, v_bill.open_amount
      USING ERRCODE = 'HM078', DETAIL = json_build_object(
        'number', v_bill.number, 'amount', NEW.amount, 'open', v_bill.open_amount)::text;
  END IF;
  UPDATE public.bills_bill SET open_amount = open_amount - NEW.amount WHERE id = NEW.bill_id;
  RETURN NEW;
END $fn$;

CREATE TRIGGER bill_payment BEFORE INSERT ON public.bills_billpayment
  FOR EACH ROW EXECUTE FUNCTION public.bill_pay();

DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  IF v_app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    EXECUTE pg_catalog.format('GRANT INSERT ON public.bills_billpayment TO %I', v_app);
    EXECUTE pg_catalog.format('REVOKE DELETE, TRUNCATE ON public.bills_bill FROM %I', v_app);
    EXECUTE pg_catalog.format('REVOKE TRUNCATE ON public.bills_billline FROM %I', v_app);
  END IF;
END $do$;
