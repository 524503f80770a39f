-- Bills in another currency than the books': worth what their entry says, paid by parts of that worth.

CREATE OR REPLACE FUNCTION public.bill_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
  v_booked record;
  v_sums record;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a bill is discarded, not deleted' USING ERRCODE = 'HM088';
  ELSIF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'draft' OR NEW.open_amount <> 0 OR num_nonnulls(NEW.rate, NEW.house_payable, NEW.house_open) > 0 THEN
      RAISE EXCEPTION 'a bill begins as a draft' USING ERRCODE = 'HM088';
    END IF;
    RETURN NEW;
  ELSIF OLD.status = 'posted' THEN
    GET DIAGNOSTICS v_stack = PG_CONTEXT;
    IF (to_jsonb(NEW) - 'open_amount' - 'house_open' - 'updated_at')
          IS DISTINCT FROM (to_jsonb(OLD) - 'open_amount' - 'house_open' - 'updated_at')
       OR (NEW.open_amount <> OLD.open_amount AND v_stack !~ 'function (public\.)?bill_pay\(')
       OR (NEW.house_open IS DISTINCT FROM OLD.house_open
           AND (v_stack !~ 'function (public\.)?(bill_pay|revaluation_apply|revaluation_take_back)\('
                OR (NEW.house_open >= 0 AND (NEW.house_open = 0 OR NEW.open_amount > 0)) IS NOT TRUE)) THEN
      RAISE EXCEPTION '%: a posted bill stays as it is', OLD.number USING ERRCODE = 'HM088';
    END IF;
  ELSIF NEW.status = 'posted' THEN
    SELECT sum(l.credit - l.debit) AS worth, -sum(l.foreign_amount) FILTER (WHERE l.currency = NEW.currency) AS amount,
           min(c.base_currency) AS base INTO v_booked
      FROM public.ledger_journalline l
      JOIN public.ledger_journalentry e ON e.id = l.entry_id AND e.source_id = NEW.id AND e.company_id = NEW.company_id
      JOIN public.ledger_account a ON a.id = l.account_id AND a.role = 'payable'
      JOIN public.ledger_company c ON c.id = e.company_id
     WHERE l.entry_id = NEW.entry_id;
    SELECT sum(b.net) AS net, sum(b.net + CASE c.treatment WHEN 'normal' THEN b.tax ELSE 0 END) AS payable INTO v_sums
      FROM public.bills_billline b LEFT JOIN public.tax_taxclass c ON c.code = b.tax_class WHERE b.bill_id = NEW.id;
    IF v_booked.worth IS DISTINCT FROM coalesce(NEW.house_payable, NEW.payable) OR NEW.open_amount <> NEW.payable
       OR NEW.house_open IS DISTINCT FROM NEW.house_payable
       OR (NEW.net, NEW.payable) IS DISTINCT FROM (v_sums.net, v_sums.payable) THEN
      RAISE EXCEPTION '%: bill, lines and entry differ', NEW.number USING ERRCODE = 'HM089';
    ELSIF (NEW.currency = v_booked.base) <> (NEW.rate IS NULL) OR (NEW.rate IS NULL) <> (NEW.house_payable IS NULL)
       OR NEW.rate <= 0 OR (NEW.rate IS NOT NULL AND v_booked.amount IS DISTINCT FROM NEW.payable) THEN
      RAISE EXCEPTION '%: a bill in % and its entry differ', NEW.number, NEW.currency USING ERRCODE = 'HM111';
    END IF;
  END IF;
  RETURN NEW;
END $fn$;

-- I10: never more is paid of a bill than is open, nor more than left the bank, however many try at once.
CREATE OR REPLACE FUNCTION public.bill_pay() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_bill public.bills_bill;
  v_paid public.banking_receipt;
  v_moved record;
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
  IF v_bill.rate IS NOT NULL THEN
    SELECT * INTO v_moved FROM public.house_moved(v_paid.entry_id, 'payable', v_bill.party_id, v_bill.currency);
    IF NEW.house_amount IS DISTINCT FROM public.house_share(NEW.amount, v_bill.open_amount, v_bill.house_open,
           (SELECT currency_digits FROM public.ledger_company WHERE id = v_bill.company_id))
       OR (v_moved.worth, v_moved.amount) IS DISTINCT FROM (NEW.house_amount, NEW.amount) THEN
      RAISE EXCEPTION '%: the payment moves % in the books, not %', v_bill.number, v_moved.worth, NEW.house_amount
        USING ERRCODE = 'HM111';
    END IF;
  ELSIF NEW.house_amount IS NOT NULL THEN
    RAISE EXCEPTION '%: it is worth what it says', v_bill.number USING ERRCODE = 'HM111';
  END IF;
  UPDATE public.bills_bill SET open_amount = open_amount - NEW.amount, house_open = house_open - NEW.house_amount
   WHERE id = NEW.bill_id;
  RETURN NEW;
END $fn$;
