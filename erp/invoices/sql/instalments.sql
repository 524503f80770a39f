-- What an invoice asks in parts: written with it, never alone, and to the cent the whole of it.

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
  IF body ? 'instalments' THEN
    INSERT INTO public.invoices_instalment
      SELECT n.* FROM jsonb_populate_recordset(NULL::public.invoices_instalment, body->'instalments') n ORDER BY n.position;
  END IF;
  RETURN v_invoice.number;
END $fn$;

CREATE TRIGGER invoice_instalment_guard BEFORE INSERT ON public.invoices_instalment
  FOR EACH ROW EXECUTE FUNCTION public.invoice_guard();

-- Once per document: two or more, one after the other, each told with those before it, and together the payable.
CREATE OR REPLACE FUNCTION public.invoice_check_instalments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_bad text;
BEGIN
  SELECT i.number INTO v_bad
    FROM public.invoices_invoice i
    JOIN (SELECT n.invoice_id, count(*) AS parts, sum(n.amount) AS amount, min(n.due) AS first_due,
                 bool_and(n.ordered) AS ordered
            FROM (SELECT p.invoice_id, p.amount, p.due,
                         p.position = row_number() OVER w AND p.until = sum(p.amount) OVER w
                           AND p.due > coalesce(lag(p.due) OVER w, '-infinity') AS ordered
                    FROM public.invoices_instalment p WHERE p.invoice_id IN (SELECT invoice_id FROM added)
                  WINDOW w AS (PARTITION BY p.invoice_id ORDER BY p.position)) n
           GROUP BY n.invoice_id) s ON s.invoice_id = i.id
   WHERE i.kind <> 'invoice' OR s.parts < 2 OR NOT s.ordered OR s.first_due <> i.due OR s.amount <> i.payable LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%: its instalments are not what it asks', v_bad USING ERRCODE = 'HM141';
  END IF;
  RETURN NULL;
END $fn$;

CREATE TRIGGER invoice_instalments_check AFTER INSERT ON public.invoices_instalment
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.invoice_check_instalments();

-- What of an instalment is open, where of its whole document `p_open` are: payments settle what is due first. In the
-- measure of `p_worth`, which is what the open part of the document is worth; the parts add up to it.
CREATE OR REPLACE FUNCTION public.instalment_open(
  p_until numeric, p_amount numeric, p_payable numeric, p_open numeric, p_worth numeric, p_digits integer)
RETURNS numeric LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT CASE WHEN p_open = 0 THEN 0
              ELSE public.house_share(greatest(p_until - p_payable + p_open, 0), p_open, p_worth, p_digits)
                 - public.house_share(greatest(p_until - p_amount - p_payable + p_open, 0), p_open, p_worth, p_digits) END;
$fn$;
