-- A fapiao says what its invoice says, and a red letter takes back no more than is left; what was issued stays.

-- What a fapiao has to say, rate by rate: the goods and freight of its invoice; of a red letter what its credit note
-- takes off that invoice, or without one all that issued red letters left of the blue one.
CREATE OR REPLACE FUNCTION public.fapiao_due(p_fapiao uuid)
RETURNS TABLE (tax_class text, rate numeric, net numeric, tax numeric) LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT t.tax_class, t.rate, sum(t.net), sum(t.tax)
    FROM (SELECT l.tax_class, l.rate, l.net, l.tax
            FROM public.fapiao_fapiao f
            JOIN public.invoices_invoiceline l ON l.invoice_id = f.invoice_id AND l.kind <> 'deposit'
           WHERE f.id = p_fapiao AND f.colour = 'blue'
          UNION ALL
          SELECT l.tax_class, l.rate, -l.net, -l.tax
            FROM public.fapiao_fapiao f
            JOIN public.invoices_invoiceline l ON l.invoice_id = f.credit_note_id
            JOIN public.invoices_invoiceline o ON o.id = l.credits_id AND o.invoice_id = f.invoice_id
           WHERE f.id = p_fapiao AND f.colour = 'red'
          UNION ALL
          SELECT a.tax_class, a.rate, -a.net, -a.tax
            FROM public.fapiao_fapiao f
            JOIN public.fapiao_fapiao o ON o.id = f.reverses_id
                 OR o.reverses_id = f.reverses_id AND o.status = 'issued' AND o.id <> f.id
            JOIN public.fapiao_fapiaoamount a ON a.fapiao_id = o.id
           WHERE f.id = p_fapiao AND f.colour = 'red' AND f.credit_note_id IS NULL) t
   GROUP BY t.tax_class, t.rate HAVING sum(t.net) <> 0 OR sum(t.tax) <> 0;
$fn$;

-- Where a fapiao does not say what it has to say, or its rates do not add up to its sums.
CREATE OR REPLACE FUNCTION public.fapiao_differences(p_fapiao uuid)
RETURNS TABLE (what text, due numeric, told numeric) LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT format('%s %s', coalesce(d.tax_class, a.tax_class), coalesce(d.rate, a.rate)), d.net + d.tax, a.net + a.tax
    FROM public.fapiao_due(p_fapiao) d
    FULL JOIN (SELECT * FROM public.fapiao_fapiaoamount WHERE fapiao_id = p_fapiao) a
      ON (a.tax_class, a.rate) = (d.tax_class, d.rate)
   WHERE (d.net, d.tax) IS DISTINCT FROM (a.net, a.tax)
  UNION ALL
  SELECT 'sum', f.gross, s.net + s.tax
    FROM public.fapiao_fapiao f
    CROSS JOIN LATERAL (SELECT coalesce(sum(net), 0) AS net, coalesce(sum(tax), 0) AS tax
                          FROM public.fapiao_fapiaoamount WHERE fapiao_id = f.id) s
   WHERE f.id = p_fapiao AND (f.net, f.tax) <> (s.net, s.tax);
$fn$;

-- What is left of a blue fapiao of a rate, when all its red letters that may still count are taken off.
CREATE OR REPLACE FUNCTION public.fapiao_left(p_blue uuid)
RETURNS TABLE (tax_class text, rate numeric, net numeric, tax numeric) LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT a.tax_class, a.rate, sum(a.net), sum(a.tax)
    FROM public.fapiao_fapiao f
    JOIN public.fapiao_fapiaoamount a ON a.fapiao_id = f.id
   WHERE f.id = p_blue OR f.reverses_id = p_blue AND f.status NOT IN ('refused', 'withdrawn')
   GROUP BY a.tax_class, a.rate;
$fn$;

-- The state of an issued blue fapiao, as its red letters say it.
CREATE OR REPLACE FUNCTION public.fapiao_standing(p_blue uuid) RETURNS text LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT CASE WHEN EXISTS (SELECT FROM public.fapiao_fapiao WHERE reverses_id = p_blue AND status = 'requested')
              THEN 'red_requested'
              WHEN EXISTS (SELECT FROM public.fapiao_left(p_blue) l WHERE l.net <> 0 OR l.tax <> 0) THEN 'issued'
              ELSE 'reversed' END;
$fn$;

CREATE OR REPLACE FUNCTION public.fapiao_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_blue public.fapiao_fapiao;
  v_free text[];
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a fapiao stays in the register' USING ERRCODE = 'HM120';
  END IF;
  -- Whoever only marks it as sent holds the red letter already, and would wait for who holds the blue one and waits for it.
  IF NEW.reverses_id IS NOT NULL AND (TG_OP = 'INSERT' OR NEW.status <> OLD.status) THEN
    SELECT * INTO v_blue FROM public.fapiao_fapiao WHERE id = NEW.reverses_id FOR UPDATE;
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'requested' OR NEW.sent_at IS NOT NULL OR NOT EXISTS (
         SELECT FROM public.invoices_invoice i JOIN public.ledger_company c ON c.id = i.company_id
          WHERE i.id = NEW.invoice_id AND i.company_id = NEW.company_id AND i.kind = 'invoice'
            AND i.currency = 'CNY' AND c.jurisdiction = 'CN') THEN
      RAISE EXCEPTION 'a fapiao is asked for an invoice in CNY of a company in China' USING ERRCODE = 'HM120';
    END IF;
    IF NEW.colour = 'red' AND (v_blue.colour, v_blue.status, v_blue.invoice_id, v_blue.company_id, v_blue.kind,
          v_blue.buyer_name, v_blue.buyer_tax_number) IS DISTINCT FROM
         ('blue', 'issued', NEW.invoice_id, NEW.company_id, NEW.kind, NEW.buyer_name, NEW.buyer_tax_number) THEN
      RAISE EXCEPTION 'a red letter takes back an issued blue fapiao of the same invoice and buyer' USING ERRCODE = 'HM122';
    END IF;
    RETURN NEW;
  END IF;

  v_free := CASE
    WHEN (OLD.status, NEW.status) = ('requested', 'requested') AND OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL
      THEN '{sent_at}'
    WHEN (OLD.status, NEW.status) = ('requested', 'issued')
      THEN '{status,code,number,issued_on,link,by_hand,answered_at}'
    WHEN (OLD.status, NEW.status) = ('requested', 'refused') THEN '{status,refusal,answered_at}'
    WHEN NEW.status = 'withdrawn' AND (OLD.status = 'refused' OR OLD.status = 'requested' AND OLD.sent_at IS NULL)
      THEN '{status}'
    WHEN OLD.colour = 'blue' AND OLD.status IN ('issued', 'red_requested') AND NEW.status = public.fapiao_standing(OLD.id)
      THEN '{status}'
  END;
  v_free := v_free || '{updated_at}'::text[];
  IF v_free IS NULL OR to_jsonb(NEW) - v_free IS DISTINCT FROM to_jsonb(OLD) - v_free THEN
    RAISE EXCEPTION '%: a fapiao that is % stays as it is', OLD.id, OLD.status USING ERRCODE = 'HM120';
  END IF;
  IF NEW.status = 'issued' AND OLD.status = 'requested' AND NEW.issued_on < v_blue.issued_on THEN
    RAISE EXCEPTION 'a red letter comes after what it takes back' USING ERRCODE = 'HM123',
      DETAIL = json_build_object('issued_on', v_blue.issued_on)::text;
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER fapiao_guard BEFORE INSERT OR UPDATE OR DELETE ON public.fapiao_fapiao
  FOR EACH ROW EXECUTE FUNCTION public.fapiao_guard();
CREATE TRIGGER fapiao_not_truncated BEFORE TRUNCATE ON public.fapiao_fapiao
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- When the transaction commits: the amounts are those that are due, no rate of a blue fapiao is taken back twice, and
-- its state is what its red letters say.
CREATE OR REPLACE FUNCTION public.fapiao_check() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_one public.fapiao_fapiao;
BEGIN
  SELECT * INTO v_one FROM public.fapiao_fapiao WHERE id = (to_jsonb(NEW)->>TG_ARGV[0])::uuid;
  IF TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.fapiao_differences(v_one.id)) THEN
    RAISE EXCEPTION 'the fapiao % does not say what it has to say', v_one.id USING ERRCODE = 'HM121';
  END IF;
  IF v_one.colour = 'red' THEN
    IF EXISTS (SELECT FROM public.fapiao_left(v_one.reverses_id) l WHERE l.net < 0 OR l.tax < 0) THEN
      RAISE EXCEPTION 'more would be taken back than is left' USING ERRCODE = 'HM124';
    END IF;
    IF (SELECT status FROM public.fapiao_fapiao WHERE id = v_one.reverses_id)
       IS DISTINCT FROM public.fapiao_standing(v_one.reverses_id) THEN
      RAISE EXCEPTION 'a blue fapiao and its red letters differ' USING ERRCODE = 'HM122';
    END IF;
  END IF;
  RETURN NULL;
END $fn$;

CREATE CONSTRAINT TRIGGER fapiao_check AFTER INSERT OR UPDATE ON public.fapiao_fapiao
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fapiao_check('id');
CREATE CONSTRAINT TRIGGER fapiao_amount_check AFTER INSERT ON public.fapiao_fapiaoamount
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fapiao_check('fapiao_id');

DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  IF v_app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    EXECUTE pg_catalog.format('REVOKE DELETE, TRUNCATE, REFERENCES, TRIGGER ON public.fapiao_fapiao FROM %I', v_app);
  END IF;
END $do$;
