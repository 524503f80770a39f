-- Returns: filed once for a span, amended by a second person, and no tax is posted into what is filed.

-- File a span: lock its periods against everybody who posts, look whether the figures are still those of the books,
-- keep them.  The first time it makes the return; while the return is being amended, its next version.
--   {"company": uuid, "form": uuid, "starts_on": date, "ends_on": date, "figures": {...}, "output_tax": numeric,
--    "input_tax": numeric, "payable": numeric, "by": text}
CREATE OR REPLACE FUNCTION public.tax_file(body jsonb) RETURNS SETOF public.tax_vatreturn
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_company uuid := body->>'company';
  v_from date := body->>'starts_on';
  v_to date := body->>'ends_on';
  v_return public.tax_vatreturn;
  v_other public.tax_vatreturn;
  v_books record;
BEGIN
  PERFORM pg_advisory_xact_lock(7102, hashtext(p.id::text)) FROM (
    SELECT id FROM public.ledger_period
     WHERE company_id = v_company AND starts_on <= v_to AND ends_on >= v_from ORDER BY starts_on) p;
  PERFORM pg_advisory_xact_lock(7108, hashtext(v_company::text));
  SELECT * INTO v_return FROM public.tax_vatreturn WHERE company_id = v_company AND starts_on = v_from AND ends_on = v_to;
  IF v_return.status = 'filed' THEN
    RAISE EXCEPTION 'the return of % is filed', v_from
      USING ERRCODE = 'HM081', DETAIL = json_build_object('starts_on', v_from, 'ends_on', v_to)::text;
  END IF;
  SELECT * INTO v_books FROM public.tax_of_books(v_company, v_from, v_to);
  IF v_books.output_tax <> (body->>'output_tax')::numeric OR v_books.input_tax <> (body->>'input_tax')::numeric THEN
    RAISE EXCEPTION 'the books have moved: output tax %, input tax %', v_books.output_tax, v_books.input_tax
      USING ERRCODE = 'HM082', DETAIL = json_build_object(
        'output_tax', v_books.output_tax, 'input_tax', v_books.input_tax)::text;
  END IF;
  IF v_return.id IS NULL THEN
    INSERT INTO public.tax_vatreturn (id, company_id, form_id, starts_on, ends_on, status, version, payable, filed_by,
                                      filed_at, reason, reopened_by)
      VALUES (uuidv7(), v_company, (body->>'form')::uuid, v_from, v_to, 'filed', 1, (body->>'payable')::numeric,
              body->>'by', clock_timestamp(), '', '') RETURNING * INTO v_return;
  ELSE
    UPDATE public.tax_vatreturn SET status = 'filed', version = version + 1, payable = (body->>'payable')::numeric,
           filed_by = body->>'by', filed_at = clock_timestamp() WHERE id = v_return.id RETURNING * INTO v_return;
  END IF;
  INSERT INTO public.tax_returnversion (id, vat_return_id, version, figures, output_tax, input_tax, reason, filed_by,
                                        filed_at)
    VALUES (uuidv7(), v_return.id, v_return.version, body->'figures', v_books.output_tax, v_books.input_tax,
            v_return.reason, v_return.filed_by, v_return.filed_at);
  RETURN NEXT v_return;
END $fn$;

-- Take a filed return up again: a second person, with a reason.  Until it is filed anew its span takes tax.
CREATE OR REPLACE FUNCTION public.tax_reopen(p_return uuid, p_by text, p_reason text) RETURNS SETOF public.tax_vatreturn
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_return public.tax_vatreturn;
BEGIN
  SELECT * INTO v_return FROM public.tax_vatreturn WHERE id = p_return FOR UPDATE;
  IF v_return.status IS DISTINCT FROM 'filed' THEN
    RAISE EXCEPTION 'this return is not filed' USING ERRCODE = 'HM083';
  END IF;
  IF coalesce(p_reason, '') = '' OR coalesce(p_by, '') = '' OR p_by = v_return.filed_by THEN
    RAISE EXCEPTION 'a filed return is taken up again by a second person and with a reason'
      USING ERRCODE = 'HM084', DETAIL = json_build_object('by', v_return.filed_by)::text;
  END IF;
  RETURN QUERY UPDATE public.tax_vatreturn SET status = 'amending', reason = p_reason, reopened_by = p_by
                WHERE id = p_return RETURNING *;
END $fn$;

-- What stands on the accounts of tax in a span.
CREATE OR REPLACE FUNCTION public.tax_of_books(p_company uuid, p_from date, p_to date, OUT output_tax numeric,
                                               OUT input_tax numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT coalesce(sum(l.credit - l.debit) FILTER (WHERE a.role = 'vat_output'), 0.00),
         coalesce(sum(l.debit - l.credit) FILTER (WHERE a.role = 'vat_input'), 0.00)
    FROM public.ledger_account a JOIN public.ledger_journalline l ON l.account_id = a.id
   WHERE a.company_id = p_company AND a.role IN ('vat_output', 'vat_input') AND l.date BETWEEN p_from AND p_to;
$fn$;

-- Returns do not overlap, and move through the functions above only.
CREATE OR REPLACE FUNCTION public.tax_guard_return() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF TG_OP = 'DELETE' OR v_stack !~ 'function (public\.)?tax_(file|reopen)\('
     OR (TG_OP = 'UPDATE' AND (NEW.id, NEW.company_id, NEW.form_id, NEW.starts_on, NEW.ends_on)
                              IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.form_id, OLD.starts_on, OLD.ends_on)) THEN
    RAISE EXCEPTION 'a return is filed and reopened by its functions, and nothing else' USING ERRCODE = 'HM085';
  END IF;
  IF TG_OP = 'INSERT' AND EXISTS (
       SELECT FROM public.tax_vatreturn WHERE company_id = NEW.company_id
          AND starts_on <= NEW.ends_on AND ends_on >= NEW.starts_on) THEN
    RAISE EXCEPTION 'a part of % – % is on another return', NEW.starts_on, NEW.ends_on
      USING ERRCODE = 'HM081', DETAIL = json_build_object('starts_on', NEW.starts_on, 'ends_on', NEW.ends_on)::text;
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER tax_return_guard BEFORE INSERT OR UPDATE OR DELETE ON public.tax_vatreturn
  FOR EACH ROW EXECUTE FUNCTION public.tax_guard_return();
CREATE TRIGGER tax_return_not_truncated BEFORE TRUNCATE ON public.tax_vatreturn
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- No tax is dated into a filed span.  Whoever posts holds the period (shared), whoever files holds it alone: whichever
-- comes second sees the first.
CREATE OR REPLACE FUNCTION public.tax_guard_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_bad record;
BEGIN
  IF NOT EXISTS (SELECT FROM public.tax_vatreturn WHERE status = 'filed' AND ends_on >= (SELECT min(date) FROM added)) THEN
    RETURN NULL;
  END IF;
  SELECT l.position, l.date, r.starts_on, r.ends_on INTO v_bad
    FROM added l
    JOIN public.ledger_account a ON a.id = l.account_id
    JOIN public.tax_vatreturn r ON r.company_id = a.company_id AND r.status = 'filed'
                                AND l.date BETWEEN r.starts_on AND r.ends_on
   WHERE l.tax_code <> '' OR a.role IN ('vat_output', 'vat_input') LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'line %: tax of % is filed', v_bad.position, v_bad.date
      USING ERRCODE = 'HM080', DETAIL = json_build_object('line', v_bad.position, 'date', v_bad.date,
        'starts_on', v_bad.starts_on, 'ends_on', v_bad.ends_on)::text;
  END IF;
  RETURN NULL;
END $fn$;

CREATE TRIGGER tax_lines_guard AFTER INSERT ON public.ledger_journalline
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.tax_guard_lines();

DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  REVOKE EXECUTE ON FUNCTION public.tax_file(jsonb) FROM PUBLIC;
  REVOKE EXECUTE ON FUNCTION public.tax_reopen(uuid, text, text) FROM PUBLIC;
  IF v_app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION public.tax_file(jsonb) TO %I', v_app);
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION public.tax_reopen(uuid, text, text) TO %I', v_app);
  END IF;
END $do$;
