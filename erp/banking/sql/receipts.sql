-- The process role writes receipts, and never touches one again; the receipt is the cash entry's own amount.

DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  IF v_app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    EXECUTE pg_catalog.format('GRANT INSERT ON public.banking_receipt TO %I', v_app);
  END IF;
END $do$;

CREATE OR REPLACE FUNCTION public.banking_guard_receipt() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_moved numeric;
BEGIN
  SELECT sum(l.debit - l.credit) INTO v_moved
    FROM public.ledger_journalline l
    JOIN public.ledger_journalentry e ON e.id = l.entry_id
    JOIN public.ledger_account a ON a.id = l.account_id
   WHERE l.entry_id = NEW.entry_id AND e.source_id = NEW.id AND e.date = NEW.date AND e.company_id = NEW.company_id
     AND a.role = 'bank';
  IF v_moved IS DISTINCT FROM (CASE WHEN NEW.kind IN ('refund', 'paid') THEN -NEW.amount ELSE NEW.amount END) THEN
    RAISE EXCEPTION 'receipt %: its entry moves % in the bank, not %', NEW.number, v_moved, NEW.amount
      USING ERRCODE = 'HM060';
  END IF;
  RETURN NEW;
END $fn$;

CREATE OR REPLACE TRIGGER banking_receipt_guard BEFORE INSERT ON public.banking_receipt
  FOR EACH ROW EXECUTE FUNCTION public.banking_guard_receipt();

-- A deposit's task may be dismissed, never deleted; what was booked stays as it was booked.
CREATE OR REPLACE FUNCTION public.banking_guard_deposit() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a deposit is dismissed or refunded, not deleted' USING ERRCODE = 'HM061';
  ELSIF OLD.receipt_id IS NOT NULL AND (NEW.receipt_id, NEW.net, NEW.tax, NEW.rate, NEW.tax_class, NEW.party_id, NEW.currency)
        IS DISTINCT FROM (OLD.receipt_id, OLD.net, OLD.tax, OLD.rate, OLD.tax_class, OLD.party_id, OLD.currency) THEN
    RAISE EXCEPTION 'a booked deposit stays as it was booked' USING ERRCODE = 'HM061';
  ELSIF NEW.consumed_amount < OLD.consumed_amount OR NEW.refunded_amount < OLD.refunded_amount THEN
    RAISE EXCEPTION 'what was used of a deposit stays used' USING ERRCODE = 'HM061';
  END IF;
  RETURN NEW;
END $fn$;

CREATE OR REPLACE TRIGGER banking_deposit_guard BEFORE UPDATE OR DELETE ON public.banking_deposit
  FOR EACH ROW EXECUTE FUNCTION public.banking_guard_deposit();
