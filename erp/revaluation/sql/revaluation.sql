-- A revaluation gives an open item just the worth that the rate of its day says, with an entry of just the difference;
-- it stays, or is taken back whole while its items are as it left them.

CREATE OR REPLACE FUNCTION public.revaluation_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_later date;
BEGIN
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND (OLD.reversal_id IS NOT NULL
       OR (to_jsonb(NEW) - 'reversal_id') IS DISTINCT FROM (to_jsonb(OLD) - 'reversal_id')
       OR NOT public.opening_mirrored(OLD.entry_id, NEW.reversal_id))) THEN
    RAISE EXCEPTION 'a revaluation stays as it is, or is taken back by the mirror of its entry' USING ERRCODE = 'HM112';
  END IF;
  PERFORM pg_advisory_xact_lock(7111, hashtext(NEW.company_id::text));
  SELECT max(day) INTO v_later FROM public.revaluation_revaluation
   WHERE company_id = NEW.company_id AND reversal_id IS NULL AND id <> NEW.id
     AND (day > NEW.day OR (TG_OP = 'UPDATE' AND day = NEW.day AND id > NEW.id));
  IF v_later IS NOT NULL THEN
    RAISE EXCEPTION 'items were revalued as at %', v_later
      USING ERRCODE = 'HM112', DETAIL = json_build_object('later', v_later)::text;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    PERFORM public.revaluation_take_back(OLD.id);
  ELSIF NEW.reversal_id IS NOT NULL OR NOT EXISTS (
      SELECT FROM public.ledger_journalentry WHERE id = NEW.entry_id AND source_type = 'revaluation' AND source_id = NEW.id
         AND company_id = NEW.company_id AND date = NEW.day AND reverses_id IS NULL) THEN
    RAISE EXCEPTION 'a revaluation begins with its entry' USING ERRCODE = 'HM112';
  END IF;
  RETURN NEW;
END $fn$;

-- Every item is worth again what it was, if it is as the revaluation left it.
CREATE OR REPLACE FUNCTION public.revaluation_take_back(p_revaluation uuid) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_line record;
BEGIN
  PERFORM FROM public.invoices_openitem WHERE invoice_id IN (
    SELECT invoice_id FROM public.revaluation_revaluationline WHERE revaluation_id = p_revaluation)
   ORDER BY invoice_id FOR UPDATE;
  PERFORM FROM public.bills_bill WHERE id IN (
    SELECT bill_id FROM public.revaluation_revaluationline WHERE revaluation_id = p_revaluation) ORDER BY id FOR UPDATE;
  SELECT coalesce(i.number, b.number) AS number INTO v_line
    FROM public.revaluation_revaluationline l
    LEFT JOIN public.invoices_invoice i ON i.id = l.invoice_id
    LEFT JOIN public.invoices_openitem o ON o.invoice_id = l.invoice_id
    LEFT JOIN public.bills_bill b ON b.id = l.bill_id
   WHERE l.revaluation_id = p_revaluation
     AND (l.open_amount, l.after) IS DISTINCT FROM (coalesce(o.open_amount, b.open_amount), coalesce(o.house_open, b.house_open))
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '% moved since', v_line.number
      USING ERRCODE = 'HM112', DETAIL = json_build_object('number', v_line.number)::text;
  END IF;
  UPDATE public.invoices_openitem o SET house_open = l.before FROM public.revaluation_revaluationline l
   WHERE l.revaluation_id = p_revaluation AND o.invoice_id = l.invoice_id;
  UPDATE public.bills_bill b SET house_open = l.before FROM public.revaluation_revaluationline l
   WHERE l.revaluation_id = p_revaluation AND b.id = l.bill_id;
END $fn$;

CREATE TRIGGER revaluation_guard BEFORE INSERT OR UPDATE OR DELETE ON public.revaluation_revaluation
  FOR EACH ROW EXECUTE FUNCTION public.revaluation_guard();
CREATE TRIGGER revaluation_not_truncated BEFORE TRUNCATE ON public.revaluation_revaluation
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE OR REPLACE FUNCTION public.revaluation_apply() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_now record;
  v_of record;
BEGIN
  IF NEW.invoice_id IS NOT NULL THEN
    SELECT i.company_id, i.date, i.currency, o.open_amount, o.house_open INTO v_now
      FROM public.invoices_openitem o JOIN public.invoices_invoice i ON i.id = o.invoice_id
     WHERE o.invoice_id = NEW.invoice_id FOR UPDATE OF o;
  ELSE
    SELECT company_id, date, currency, open_amount, house_open INTO v_now
      FROM public.bills_bill WHERE id = NEW.bill_id FOR UPDATE;
  END IF;
  SELECT r.day, c.currency_digits AS digits,
         (SELECT x.rate FROM public.rates_exchangerate x
           WHERE x.company_id = r.company_id AND x.currency = NEW.currency AND x.day <= r.day ORDER BY x.day DESC LIMIT 1) AS rate
    INTO v_of
    FROM public.revaluation_revaluation r
    JOIN public.ledger_journalentry e ON e.id = r.entry_id AND e.transaction = pg_current_xact_id()::text::bigint
    JOIN public.ledger_company c ON c.id = r.company_id
   WHERE r.id = NEW.revaluation_id AND r.company_id = v_now.company_id AND r.reversal_id IS NULL;
  IF NOT FOUND OR v_now.date > v_of.day
     OR (NEW.currency, NEW.open_amount, NEW.before) IS DISTINCT FROM (v_now.currency, v_now.open_amount, v_now.house_open)
     OR (NEW.rate, NEW.after) IS DISTINCT FROM (v_of.rate, round(v_now.open_amount * v_of.rate, v_of.digits)) THEN
    RAISE EXCEPTION 'an open item is revalued as it stands, at the rate of the day' USING ERRCODE = 'HM112';
  END IF;
  IF NEW.invoice_id IS NOT NULL THEN
    UPDATE public.invoices_openitem SET house_open = NEW.after WHERE invoice_id = NEW.invoice_id;
  ELSE
    UPDATE public.bills_bill SET house_open = NEW.after WHERE id = NEW.bill_id;
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER revaluation_apply BEFORE INSERT ON public.revaluation_revaluationline
  FOR EACH ROW EXECUTE FUNCTION public.revaluation_apply();

-- What the items of each party changed is what the entry moves, when the transaction commits.
CREATE OR REPLACE FUNCTION public.revaluation_check() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF EXISTS (SELECT FROM public.revaluation_differences(NEW.id))
     OR NOT EXISTS (SELECT FROM public.revaluation_revaluationline WHERE revaluation_id = NEW.id) THEN
    RAISE EXCEPTION 'the revaluation of % and its entry differ', NEW.day USING ERRCODE = 'HM112';
  END IF;
  RETURN NULL;
END $fn$;

-- Where a revaluation's lines and its entry differ: account, party and currency with both figures.
CREATE OR REPLACE FUNCTION public.revaluation_differences(p_revaluation uuid)
RETURNS TABLE (role text, party text, currency text, told numeric, booked numeric) LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT t.role, t.party, t.currency, coalesce(sum(t.told), 0), coalesce(sum(t.booked), 0)
    FROM (SELECT CASE WHEN l.invoice_id IS NULL THEN 'payable' ELSE 'receivable' END AS role, p.code AS party, l.currency,
                 (l.after - l.before) * CASE WHEN i.kind = 'invoice' THEN 1 ELSE -1 END AS told, NULL::numeric AS booked
            FROM public.revaluation_revaluationline l
            LEFT JOIN public.invoices_invoice i ON i.id = l.invoice_id
            LEFT JOIN public.bills_bill b ON b.id = l.bill_id
            JOIN public.parties_party p ON p.id = coalesce(i.party_id, b.party_id)
           WHERE l.revaluation_id = p_revaluation
          UNION ALL
          SELECT a.role, j.party, j.currency, NULL, j.debit - j.credit
            FROM public.revaluation_revaluation r
            JOIN public.ledger_journalline j ON j.entry_id = r.entry_id
            JOIN public.ledger_account a ON a.id = j.account_id AND a.control
           WHERE r.id = p_revaluation) t
   GROUP BY t.role, t.party, t.currency HAVING coalesce(sum(t.told), 0) <> coalesce(sum(t.booked), 0);
$fn$;

CREATE CONSTRAINT TRIGGER revaluation_check AFTER INSERT ON public.revaluation_revaluation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.revaluation_check();

-- What revaluations changed of an item's worth since a day; of one that was taken back after that day, what it undid.
CREATE OR REPLACE FUNCTION public.revalued_since(p_day date)
RETURNS TABLE (invoice_id uuid, bill_id uuid, amount numeric) LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT l.invoice_id, l.bill_id, CASE WHEN r.reversal_id IS NULL THEN l.after - l.before ELSE l.before - l.after END
    FROM public.revaluation_revaluation r
    JOIN public.revaluation_revaluationline l ON l.revaluation_id = r.id
    LEFT JOIN public.ledger_journalentry e ON e.id = r.reversal_id
   WHERE CASE WHEN r.reversal_id IS NULL THEN r.day > p_day ELSE r.day <= p_day AND e.date > p_day END;
$fn$;

-- What was open of a foreign document on a day, in the currency of the books.
CREATE OR REPLACE FUNCTION public.open_worth(p_invoice uuid, p_day date) RETURNS numeric LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT o.house_open
       + coalesce((SELECT sum(CASE a.invoice_id WHEN p_invoice THEN a.house_amount ELSE a.credit_house END)
                     FROM public.invoices_allocation a
                    WHERE (a.invoice_id = p_invoice OR a.credit_id = p_invoice) AND a.date > p_day), 0)
       - coalesce((SELECT sum(s.amount) FROM public.revalued_since(p_day) s WHERE s.invoice_id = p_invoice), 0)
    FROM public.invoices_openitem o WHERE o.invoice_id = p_invoice;
$fn$;

-- What an item was worth at a revaluation counts from its day on: nothing dated before that settles it.
CREATE OR REPLACE FUNCTION public.revaluation_came_first() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_new jsonb := to_jsonb(NEW);
  v_found record;
BEGIN
  SELECT coalesce(i.number, b.number) AS number, r.day INTO v_found
    FROM public.revaluation_revaluationline l
    JOIN public.revaluation_revaluation r ON r.id = l.revaluation_id AND r.reversal_id IS NULL
    LEFT JOIN public.invoices_invoice i ON i.id = l.invoice_id
    LEFT JOIN public.bills_bill b ON b.id = l.bill_id
   WHERE (l.invoice_id IN ((v_new->>'invoice_id')::uuid, (v_new->>'credit_id')::uuid) OR l.bill_id = (v_new->>'bill_id')::uuid)
     AND r.day > coalesce((v_new->>'date')::date,
                          (SELECT date FROM public.banking_receipt WHERE id = (v_new->>'receipt_id')::uuid))
   ORDER BY r.day DESC LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '% was revalued as at %', v_found.number, v_found.day
      USING ERRCODE = 'HM113', DETAIL = json_build_object('number', v_found.number, 'day', v_found.day)::text;
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER invoice_allocation_revalued BEFORE INSERT ON public.invoices_allocation
  FOR EACH ROW WHEN (NEW.house_amount IS NOT NULL) EXECUTE FUNCTION public.revaluation_came_first();
CREATE TRIGGER bill_payment_revalued BEFORE INSERT ON public.bills_billpayment
  FOR EACH ROW WHEN (NEW.house_amount IS NOT NULL) EXECUTE FUNCTION public.revaluation_came_first();

DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  REVOKE EXECUTE ON FUNCTION public.revaluation_take_back(uuid) FROM PUBLIC;
  IF v_app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    EXECUTE pg_catalog.format('REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON public.revaluation_revaluation FROM %I', v_app);
    EXECUTE pg_catalog.format('GRANT UPDATE (reversal_id) ON public.revaluation_revaluation TO %I', v_app);
  END IF;
END $do$;
