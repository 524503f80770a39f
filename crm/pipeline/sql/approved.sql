-- A discount beyond the limit is promised only with the word of somebody who did not set it, for the very price that
-- stands there; what was answered stays answered, and a quote stays as it was given.

CREATE OR REPLACE FUNCTION public.pipeline_line_beyond(p_list numeric, p_price numeric, p_discount numeric, p_limit numeric)
RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT CASE WHEN COALESCE(p_list, 0) = 0 THEN p_discount > p_limit
              ELSE p_price * (1 - p_discount) < p_list * (1 - p_limit) END
$fn$;

CREATE OR REPLACE FUNCTION public.pipeline_win_approved() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_sku text;
BEGIN
  SELECT l.sku INTO v_sku
    FROM public.pipeline_dealline l
    JOIN public.pipeline_stage s ON s.id = NEW.stage_id
    JOIN public.pipeline_pipeline p ON p.id = s.pipeline_id
   WHERE l.deal_id = NEW.id AND l.approved_by_id IS NULL
     AND public.pipeline_line_beyond(l.list_price, l.unit_price, l.discount, p.discount_limit)
   ORDER BY l.position LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'nobody has approved the price of %', v_sku USING ERRCODE = 'HM093';
  END IF;
  RETURN NEW;
END $fn$;
CREATE TRIGGER pipeline_deal_approved BEFORE UPDATE OF status ON public.pipeline_deal
  FOR EACH ROW WHEN (OLD.status = 'open' AND NEW.status = 'won')
  EXECUTE FUNCTION public.pipeline_win_approved();

CREATE OR REPLACE FUNCTION public.pipeline_keep_approval() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  RAISE EXCEPTION 'an approval stands only for the line it was given for' USING ERRCODE = 'HM094';
END $fn$;
CREATE TRIGGER pipeline_dealline_approval BEFORE UPDATE ON public.pipeline_dealline
  FOR EACH ROW WHEN (
    OLD.approved_by_id IS NOT NULL AND NEW.approved_by_id IS NOT DISTINCT FROM OLD.approved_by_id
    AND NEW.approved_at IS NOT DISTINCT FROM OLD.approved_at
    AND (NEW.sku, NEW.quantity, NEW.list_price, NEW.unit_price, NEW.discount)
        IS DISTINCT FROM (OLD.sku, OLD.quantity, OLD.list_price, OLD.unit_price, OLD.discount))
  EXECUTE FUNCTION public.pipeline_keep_approval();

CREATE OR REPLACE FUNCTION public.pipeline_keep_answer() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  RAISE EXCEPTION 'what was asked and answered stays' USING ERRCODE = 'HM095';
END $fn$;
CREATE TRIGGER pipeline_priceapproval_stays BEFORE UPDATE ON public.pipeline_priceapproval
  FOR EACH ROW WHEN (
    OLD.state <> 'asked'
    OR (NEW.deal_id, NEW.why, NEW.net_total, NEW.discount, NEW.asked_by_id)
       IS DISTINCT FROM (OLD.deal_id, OLD.why, OLD.net_total, OLD.discount, OLD.asked_by_id))
  EXECUTE FUNCTION public.pipeline_keep_answer();

CREATE OR REPLACE FUNCTION public.pipeline_check_quote() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_last integer;
  v_sum numeric;
BEGIN
  SELECT max(q.version) INTO v_last FROM public.pipeline_quote q WHERE q.deal_id = NEW.deal_id;
  IF NEW.version <> COALESCE(v_last, 0) + 1 THEN
    RAISE EXCEPTION 'version % of a quote does not follow version %', NEW.version, v_last USING ERRCODE = 'HM096';
  END IF;
  SELECT sum((l ->> 'net_amount')::numeric) INTO v_sum FROM jsonb_array_elements(NEW.lines) l;
  IF v_sum IS DISTINCT FROM NEW.net_total THEN
    RAISE EXCEPTION 'the total % of a quote is not the sum of its lines %', NEW.net_total, v_sum USING ERRCODE = 'HM096';
  END IF;
  RETURN NEW;
END $fn$;
CREATE TRIGGER pipeline_quote_adds_up BEFORE INSERT ON public.pipeline_quote
  FOR EACH ROW EXECUTE FUNCTION public.pipeline_check_quote();
