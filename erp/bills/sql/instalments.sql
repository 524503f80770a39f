-- What a bill asks in parts: written as it is posted, never later, and to the cent the whole of it.

CREATE OR REPLACE FUNCTION public.bill_guard_instalment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  PERFORM FROM public.bills_bill WHERE id = NEW.bill_id AND status = 'draft' FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'instalments are written as their bill is posted' USING ERRCODE = 'HM088';
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER bill_instalment_guard BEFORE INSERT ON public.bills_billinstalment
  FOR EACH ROW EXECUTE FUNCTION public.bill_guard_instalment();

CREATE OR REPLACE FUNCTION public.bill_check_instalments() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_bad text;
BEGIN
  SELECT b.number INTO v_bad
    FROM public.bills_bill b
    JOIN (SELECT n.bill_id, count(*) AS parts, sum(n.amount) AS amount, min(n.due) AS first_due,
                 bool_and(n.ordered) AS ordered
            FROM (SELECT p.bill_id, p.amount, p.due,
                         p.position = row_number() OVER w AND p.until = sum(p.amount) OVER w
                           AND p.due > coalesce(lag(p.due) OVER w, '-infinity') AS ordered
                    FROM public.bills_billinstalment p WHERE p.bill_id = NEW.bill_id
                  WINDOW w AS (PARTITION BY p.bill_id ORDER BY p.position)) n
           GROUP BY n.bill_id) s ON s.bill_id = b.id
   WHERE b.status <> 'posted' OR s.parts < 2 OR NOT s.ordered OR s.first_due <> b.due OR s.amount <> b.payable LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%: its instalments are not what it asks', v_bad USING ERRCODE = 'HM141';
  END IF;
  RETURN NULL;
END $fn$;

CREATE CONSTRAINT TRIGGER bill_instalments_check AFTER INSERT ON public.bills_billinstalment
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.bill_check_instalments();
