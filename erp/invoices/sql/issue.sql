-- Issue an invoice or a credit note: checks, lines, open item, and last of all the number.
--
-- body: {"invoice": {columns of invoices_invoice without number}, "lines": [{columns of invoices_invoiceline}]}
-- The caller has posted the entry and holds the order's row. Answers the number.

CREATE OR REPLACE FUNCTION public.invoice_issue(body jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_invoice public.invoices_invoice;
  v_line public.invoices_invoiceline;
BEGIN
  v_invoice := jsonb_populate_record(NULL::public.invoices_invoice, body->'invoice');
  PERFORM FROM public.orders_order WHERE id = v_invoice.order_id FOR NO KEY UPDATE;
  v_invoice.number := public.invoice_next_number(v_invoice.company_id, v_invoice.kind, v_invoice.date);
  INSERT INTO public.invoices_invoice SELECT (v_invoice).*;
  INSERT INTO public.invoices_invoiceline
    SELECT l.* FROM jsonb_populate_recordset(NULL::public.invoices_invoiceline, body->'lines') l ORDER BY l.position;
  INSERT INTO public.invoices_openitem (invoice_id, open_amount) VALUES (v_invoice.id, v_invoice.payable);
  RETURN v_invoice.number;
END $fn$;

-- I6: one counter a company, kind and year, moved only from here; dates in number order, as the law asks of invoices.
CREATE OR REPLACE FUNCTION public.invoice_next_number(p_company uuid, p_kind text, p_date date) RETURNS text
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_series text := CASE p_kind WHEN 'invoice' THEN 'INV' ELSE 'CRN' END;
  v_year smallint := extract(year FROM p_date)::smallint;
  v_last integer;
  v_last_date date;
BEGIN
  INSERT INTO public.invoices_numberseries (company_id, series, year, last, last_date)
    VALUES (p_company, v_series, v_year, 0, p_date) ON CONFLICT (company_id, series, year) DO NOTHING;
  SELECT last, last_date INTO v_last, v_last_date FROM public.invoices_numberseries
   WHERE company_id = p_company AND series = v_series AND year = v_year FOR UPDATE;
  IF p_date < v_last_date THEN
    RAISE EXCEPTION 'the last number of % % is dated %', v_series, v_year, v_last_date
      USING ERRCODE = 'HM070', DETAIL = json_build_object('date', p_date, 'last_date', v_last_date)::text;
  END IF;
  UPDATE public.invoices_numberseries SET last = v_last + 1, last_date = p_date
   WHERE company_id = p_company AND series = v_series AND year = v_year;
  RETURN v_series || '-' || v_year || '-' || lpad((v_last + 1)::text, greatest(6, length((v_last + 1)::text)), '0');
END $fn$;

DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  REVOKE EXECUTE ON FUNCTION public.invoice_next_number(uuid, text, date) FROM PUBLIC;
  REVOKE EXECUTE ON FUNCTION public.invoice_issue(jsonb) FROM PUBLIC;
  IF v_app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    EXECUTE pg_catalog.format('REVOKE EXECUTE ON FUNCTION public.invoice_next_number(uuid, text, date) FROM %I', v_app);
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION public.invoice_issue(jsonb) TO %I', v_app);
    EXECUTE pg_catalog.format('GRANT INSERT ON public.invoices_allocation TO %I', v_app);
  END IF;
END $do$;
