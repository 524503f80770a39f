-- What was promised stays as it was promised: the lines of a deal that is not open, and its terms.

CREATE OR REPLACE FUNCTION public.pipeline_keep_lines() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_status text;
BEGIN
  SELECT status INTO v_status FROM public.pipeline_deal
   WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.deal_id ELSE OLD.deal_id END FOR SHARE;
  IF v_status IS NOT NULL AND v_status <> 'open' THEN
    RAISE EXCEPTION 'the lines of a deal that is % stay as they were promised', v_status USING ERRCODE = 'HM090';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $fn$;
CREATE TRIGGER pipeline_dealline_stays BEFORE INSERT OR UPDATE OR DELETE ON public.pipeline_dealline
  FOR EACH ROW EXECUTE FUNCTION public.pipeline_keep_lines();

CREATE OR REPLACE FUNCTION public.pipeline_keep_terms() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status <> 'open' THEN
      RAISE EXCEPTION 'a deal that is % is not deleted', OLD.status USING ERRCODE = 'HM090';
    END IF;
    RETURN OLD;
  END IF;
  IF OLD.status IN ('won', 'withdrawn') AND (
       NEW.account_id, NEW.currency, NEW.freight, NEW.net_total, NEW.won_at, NEW.ordered_on)
     IS DISTINCT FROM (OLD.account_id, OLD.currency, OLD.freight, OLD.net_total, OLD.won_at, OLD.ordered_on) THEN
    RAISE EXCEPTION 'the terms of a won deal stay as they were promised' USING ERRCODE = 'HM090';
  END IF;
  RETURN NEW;
END $fn$;
CREATE TRIGGER pipeline_deal_stays BEFORE UPDATE OR DELETE ON public.pipeline_deal
  FOR EACH ROW EXECUTE FUNCTION public.pipeline_keep_terms();
