-- The second belt: what must hold even if a service were wrong, or somebody writes by hand as the owner.

-- Documents come from the issuing function only; the number is the counter's.
CREATE OR REPLACE FUNCTION public.invoice_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF v_stack !~ 'function (public\.)?invoice_issue\(' THEN
    RAISE EXCEPTION 'invoices are written by public.invoice_issue only' USING ERRCODE = 'HM071';
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER invoice_guard BEFORE INSERT ON public.invoices_invoice
  FOR EACH ROW EXECUTE FUNCTION public.invoice_guard();
CREATE TRIGGER invoice_line_guard BEFORE INSERT ON public.invoices_invoiceline
  FOR EACH ROW EXECUTE FUNCTION public.invoice_guard();

-- Once per document, when its lines are in: sums, invoiced ≤ shipped, credited ≤ invoiced, deposits not used twice.
CREATE OR REPLACE FUNCTION public.invoice_check_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_bad text;
BEGIN
  SELECT i.number INTO v_bad
    FROM public.invoices_invoice i
    JOIN (SELECT a.invoice_id,
                 coalesce(sum(l.net) FILTER (WHERE l.kind <> 'deposit'), 0) AS net,
                 coalesce(sum(l.tax) FILTER (WHERE l.kind <> 'deposit'), 0) AS tax,
                 coalesce(-sum(l.net + l.tax) FILTER (WHERE l.kind = 'deposit'), 0) AS deposits
            FROM (SELECT DISTINCT invoice_id FROM added) a
            JOIN public.invoices_invoiceline l ON l.invoice_id = a.invoice_id GROUP BY a.invoice_id) s
      ON s.invoice_id = i.id
   WHERE (i.net, i.tax, i.deposits_used) IS DISTINCT FROM (s.net, s.tax, s.deposits) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%: its lines do not add up to its sums', v_bad USING ERRCODE = 'HM072';
  END IF;

  SELECT ol.sku INTO v_bad
    FROM public.orders_orderline ol
    JOIN public.invoices_invoiceline l ON l.order_line_id = ol.id
    JOIN public.invoices_invoice i ON i.id = l.invoice_id AND i.kind = 'invoice'
   WHERE ol.id IN (SELECT order_line_id FROM added) GROUP BY ol.id
  HAVING sum(l.quantity) > ol.quantity_shipped OR bool_or(i.order_id <> ol.order_id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%: more would be invoiced than was shipped', v_bad
      USING ERRCODE = 'HM073', DETAIL = json_build_object('sku', v_bad)::text;
  END IF;

  SELECT o.sku INTO v_bad
    FROM public.invoices_invoiceline o
    JOIN public.invoices_invoiceline l ON l.credits_id = o.id
   WHERE o.id IN (SELECT credits_id FROM added) GROUP BY o.id
  HAVING sum(l.quantity) > o.quantity OR sum(l.net) > o.net OR sum(l.tax) > o.tax LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%: more would be credited than was invoiced', v_bad
      USING ERRCODE = 'HM074', DETAIL = json_build_object('sku', v_bad)::text;
  END IF;
  IF EXISTS (SELECT FROM added l JOIN public.invoices_invoice i ON i.id = l.invoice_id
              WHERE (i.kind = 'credit_note') <> (l.credits_id IS NOT NULL)) THEN
    RAISE EXCEPTION 'a credit note takes back lines of invoices, an invoice never does' USING ERRCODE = 'HM074';
  END IF;

  PERFORM FROM public.banking_deposit WHERE id IN (SELECT deposit_id FROM added) ORDER BY id FOR NO KEY UPDATE;
  SELECT d.id::text INTO v_bad
    FROM public.banking_deposit d
    JOIN public.invoices_invoiceline l ON l.deposit_id = d.id
   WHERE d.id IN (SELECT deposit_id FROM added) GROUP BY d.id
  HAVING -sum(l.net + l.tax) > d.net + d.tax - d.refunded_amount OR -sum(l.tax) > d.tax - d.refunded_tax LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'deposit %: more would be used than was received', v_bad USING ERRCODE = 'HM075';
  END IF;
  RETURN NULL;
END $fn$;

CREATE TRIGGER invoice_lines_check AFTER INSERT ON public.invoices_invoiceline
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.invoice_check_lines();

-- I6: a counter moves by one, and every number it gives out is on a document when the transaction commits.
CREATE OR REPLACE FUNCTION public.invoice_guard_series() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF (TG_OP = 'INSERT' AND NEW.last = 0)
     OR (TG_OP = 'UPDATE' AND NEW.last = OLD.last + 1 AND NEW.last_date >= OLD.last_date
         AND (NEW.id, NEW.company_id, NEW.series, NEW.year) = (OLD.id, OLD.company_id, OLD.series, OLD.year)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a counter moves by one and never back' USING ERRCODE = 'HM076';
END $fn$;

CREATE TRIGGER invoice_series_guard BEFORE INSERT OR UPDATE OR DELETE ON public.invoices_numberseries
  FOR EACH ROW EXECUTE FUNCTION public.invoice_guard_series();
CREATE TRIGGER invoice_series_not_truncated BEFORE TRUNCATE ON public.invoices_numberseries
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE OR REPLACE FUNCTION public.invoice_check_series() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF NOT EXISTS (SELECT FROM public.invoices_invoice WHERE company_id = NEW.company_id AND number =
      NEW.series || '-' || NEW.year || '-' || lpad(NEW.last::text, greatest(6, length(NEW.last::text)), '0')) THEN
    RAISE EXCEPTION 'number % of % % is on no document', NEW.last, NEW.series, NEW.year USING ERRCODE = 'HM076';
  END IF;
  RETURN NULL;
END $fn$;

CREATE CONSTRAINT TRIGGER invoice_series_check AFTER UPDATE ON public.invoices_numberseries
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.invoice_check_series();

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
  UPDATE public.invoices_openitem SET open_amount = open_amount - NEW.amount
   WHERE invoice_id IN (NEW.invoice_id, NEW.credit_id);
  RETURN NEW;
END $fn$;

CREATE TRIGGER invoice_allocation BEFORE INSERT ON public.invoices_allocation
  FOR EACH ROW EXECUTE FUNCTION public.invoice_allocate();

-- The open item moves with an allocation, and in no other way.
CREATE OR REPLACE FUNCTION public.invoice_guard_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF (TG_OP = 'INSERT' AND v_stack ~ 'function (public\.)?invoice_issue\(')
     OR (TG_OP = 'UPDATE' AND NEW.invoice_id = OLD.invoice_id AND v_stack ~ 'function (public\.)?invoice_allocate\(') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an open item moves with its allocations only' USING ERRCODE = 'HM079';
END $fn$;

CREATE TRIGGER invoice_item_guard BEFORE INSERT OR UPDATE OR DELETE ON public.invoices_openitem
  FOR EACH ROW EXECUTE FUNCTION public.invoice_guard_item();
CREATE TRIGGER invoice_item_not_truncated BEFORE TRUNCATE ON public.invoices_openitem
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
