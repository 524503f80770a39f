-- Documents in another currency than the books': worth what their entry says, settled by parts of that worth, and gone
-- to the cent in both currencies at once.

-- The worth of a document is what its entry has on the party's account, beside the amount in its own currency.
CREATE OR REPLACE FUNCTION public.invoice_check_foreign(p_invoice public.invoices_invoice, p_base text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_sign integer := CASE p_invoice.kind WHEN 'credit_note' THEN -1 ELSE 1 END;
  v_booked record;
BEGIN
  SELECT coalesce(sum(l.debit - l.credit), 0) AS worth, coalesce(sum(l.foreign_amount), 0) AS amount INTO v_booked
    FROM public.ledger_journalline l
    JOIN public.ledger_account a ON a.id = l.account_id AND a.role = 'receivable'
    JOIN public.parties_party p ON p.code = l.party AND p.id = p_invoice.party_id
   WHERE l.entry_id = p_invoice.entry_id AND l.currency = p_invoice.currency;
  IF p_invoice.currency = p_base OR (p_invoice.rate > 0 AND p_invoice.house_payable >= 0) IS NOT TRUE
     OR (v_booked.worth, v_booked.amount) IS DISTINCT FROM (v_sign * p_invoice.house_payable, v_sign * p_invoice.payable) THEN
    RAISE EXCEPTION 'a document in % and its entry differ', p_invoice.currency USING ERRCODE = 'HM111';
  END IF;
END $fn$;

CREATE OR REPLACE FUNCTION public.invoice_issue(body jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_invoice public.invoices_invoice;
  v_base text;
BEGIN
  v_invoice := jsonb_populate_record(NULL::public.invoices_invoice, body->'invoice');
  SELECT c.base_currency INTO v_base
    FROM public.orders_order o JOIN public.ledger_company c ON c.id = o.company_id
   WHERE o.id = v_invoice.order_id FOR NO KEY UPDATE OF o;
  IF v_invoice.currency IS DISTINCT FROM v_base OR v_invoice.rate IS NOT NULL OR v_invoice.house_payable IS NOT NULL THEN
    PERFORM public.invoice_check_foreign(v_invoice, v_base);
  END IF;
  v_invoice.number := public.invoice_next_number(v_invoice.company_id, v_invoice.kind, v_invoice.date);
  INSERT INTO public.invoices_invoice SELECT (v_invoice).*;
  INSERT INTO public.invoices_invoiceline
    SELECT l.* FROM jsonb_populate_recordset(NULL::public.invoices_invoiceline, body->'lines') l ORDER BY l.position;
  INSERT INTO public.invoices_openitem (invoice_id, open_amount, house_open)
    VALUES (v_invoice.id, v_invoice.payable, v_invoice.house_payable);
  RETURN v_invoice.number;
END $fn$;

-- The open items as they stand, held until the transaction ends: whoever posts what a part of them is worth asks first.
CREATE OR REPLACE FUNCTION public.invoice_hold_items(p_invoices uuid[]) RETURNS SETOF public.invoices_openitem
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT * FROM public.invoices_openitem WHERE invoice_id = ANY (p_invoices) ORDER BY invoice_id FOR UPDATE;
$fn$;

-- I10: what is allocated never exceeds the open item, nor the receipt or credit it comes from, however many try at once.
CREATE OR REPLACE FUNCTION public.invoice_allocate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_target public.invoices_invoice;
  v_credit public.invoices_invoice;
  v_receipt public.banking_receipt;
  v_open numeric;
BEGIN
  SELECT * INTO v_target FROM public.invoices_invoice WHERE id = NEW.invoice_id;
  SELECT * INTO v_credit FROM public.invoices_invoice WHERE id = NEW.credit_id;
  SELECT * INTO v_receipt FROM public.banking_receipt WHERE id = NEW.receipt_id FOR UPDATE;
  IF NOT (v_target.kind = 'invoice' AND v_receipt.kind = 'payment'
          OR v_target.kind = 'invoice' AND v_credit.kind = 'credit_note'
          OR v_target.kind = 'credit_note' AND v_receipt.kind = 'refund')
     OR v_target.party_id <> coalesce(v_receipt.party_id, v_credit.party_id)
     OR v_target.currency <> coalesce(v_receipt.currency, v_credit.currency) THEN
    RAISE EXCEPTION '%: this cannot settle it', v_target.number USING ERRCODE = 'HM077';
  END IF;
  PERFORM FROM public.invoices_openitem WHERE invoice_id IN (NEW.invoice_id, NEW.credit_id) ORDER BY invoice_id FOR UPDATE;
  SELECT min(open_amount) INTO v_open FROM public.invoices_openitem WHERE invoice_id IN (NEW.invoice_id, NEW.credit_id);
  IF NEW.receipt_id IS NOT NULL THEN
    SELECT least(v_open, v_receipt.amount - coalesce(sum(amount), 0)) INTO v_open
      FROM public.invoices_allocation WHERE receipt_id = NEW.receipt_id;
  END IF;
  IF NEW.amount > v_open THEN
    RAISE EXCEPTION '%: % is more than the % that is open', v_target.number, NEW.amount, v_open
      USING ERRCODE = 'HM078', DETAIL = json_build_object(
        'number', v_target.number, 'amount', NEW.amount, 'open', v_open)::text;
  END IF;
  IF v_target.rate IS NOT NULL THEN
    PERFORM public.invoice_check_worth(NEW, v_target, v_receipt);
  ELSIF NEW.house_amount IS NOT NULL OR NEW.credit_house IS NOT NULL OR NEW.entry_id IS NOT NULL THEN
    RAISE EXCEPTION '%: it is worth what it says', v_target.number USING ERRCODE = 'HM111';
  END IF;
  UPDATE public.invoices_openitem
     SET open_amount = open_amount - NEW.amount,
         house_open = house_open - CASE invoice_id WHEN NEW.invoice_id THEN NEW.house_amount ELSE NEW.credit_house END
   WHERE invoice_id IN (NEW.invoice_id, NEW.credit_id);
  RETURN NEW;
END $fn$;

-- Of foreign items: the part of the worth that goes with the part of the amount, and an entry that moved just that.
-- The caller holds the items.
CREATE OR REPLACE FUNCTION public.invoice_check_worth(
  p_new public.invoices_allocation, p_target public.invoices_invoice, p_receipt public.banking_receipt)
RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_share numeric;
  v_credit_share numeric;
  v_moved record;
BEGIN
  SELECT max(s.share) FILTER (WHERE s.invoice_id = p_new.invoice_id), max(s.share) FILTER (WHERE s.invoice_id = p_new.credit_id)
    INTO v_share, v_credit_share
    FROM (SELECT o.invoice_id, public.house_share(p_new.amount, o.open_amount, o.house_open, c.currency_digits) AS share
            FROM public.invoices_openitem o JOIN public.ledger_company c ON c.id = p_target.company_id
           WHERE o.invoice_id IN (p_new.invoice_id, p_new.credit_id)) s;
  IF (p_new.house_amount, p_new.credit_house) IS DISTINCT FROM (v_share, v_credit_share) THEN
    RAISE EXCEPTION '%: % of it are worth % in the books', p_target.number, p_new.amount, v_share USING ERRCODE = 'HM111';
  END IF;
  SELECT * INTO v_moved FROM public.house_moved(
    coalesce(p_new.entry_id, p_receipt.entry_id), 'receivable', p_target.party_id, p_target.currency);
  IF p_receipt.id IS NOT NULL AND (p_new.entry_id IS NOT NULL OR (v_moved.worth, v_moved.amount) IS DISTINCT FROM
       (CASE p_receipt.kind WHEN 'refund' THEN v_share ELSE -v_share END,
        CASE p_receipt.kind WHEN 'refund' THEN p_new.amount ELSE -p_new.amount END)) THEN
    RAISE EXCEPTION '%: the payment moves % in the books, not %', p_target.number, v_moved.worth, v_share
      USING ERRCODE = 'HM111';
  ELSIF p_receipt.id IS NULL AND ((p_new.entry_id IS NULL) <> (v_share = v_credit_share)
        OR (v_moved.worth, v_moved.amount) IS DISTINCT FROM (v_credit_share - v_share, 0::numeric)
        OR EXISTS (SELECT FROM public.invoices_allocation WHERE entry_id = p_new.entry_id)) THEN
    RAISE EXCEPTION '%: what the credit is worth more or less has no entry', p_target.number USING ERRCODE = 'HM111';
  END IF;
END $fn$;

-- The open item moves with an allocation; what it is worth also when it is revalued, and in no other way.
CREATE OR REPLACE FUNCTION public.invoice_guard_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF (TG_OP = 'INSERT' AND v_stack ~ 'function (public\.)?invoice_issue\(')
     OR (TG_OP = 'UPDATE' AND NEW.invoice_id = OLD.invoice_id AND (NEW.house_open IS NULL) = (OLD.house_open IS NULL)
         AND (NEW.house_open >= 0 AND (NEW.house_open = 0 OR NEW.open_amount > 0)) IS NOT FALSE
         AND (v_stack ~ 'function (public\.)?invoice_allocate\('
              OR (NEW.open_amount = OLD.open_amount AND v_stack ~ 'function (public\.)?revaluation_(apply|take_back)\('))) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an open item moves with its allocations only' USING ERRCODE = 'HM079';
END $fn$;

DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  REVOKE EXECUTE ON FUNCTION public.invoice_hold_items(uuid[]) FROM PUBLIC;
  IF v_app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION public.invoice_hold_items(uuid[]) TO %I', v_app);
  END IF;
END $do$;
