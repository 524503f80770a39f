-- What was promised stays as it was promised: the lines of a deal that is not open, and its terms.

CREATE OR REPLACE FUNCTION public.pipeline_keep_lines() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_status text;
  v_deals uuid[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.deal_id] WHEN 'DELETE' THEN ARRAY[OLD.deal_id]
                    ELSE ARRAY[OLD.deal_id, NEW.deal_id] END;
BEGIN
  -- The share lock waits for a win in progress, and then sees it.
  FOR v_status IN SELECT d.status FROM public.pipeline_deal d WHERE d.id = ANY (v_deals) ORDER BY d.id FOR SHARE LOOP
    IF v_status <> 'open' THEN
      RAISE EXCEPTION 'the lines of a deal that is % stay as they were promised', v_status USING ERRCODE = 'HM090';
    END IF;
  END LOOP;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $fn$;
CREATE TRIGGER pipeline_dealline_stays BEFORE INSERT OR UPDATE OR DELETE ON public.pipeline_dealline
  FOR EACH ROW EXECUTE FUNCTION public.pipeline_keep_lines();

CREATE OR REPLACE FUNCTION public.pipeline_keep_terms() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_sum numeric;
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status <> 'open' THEN
      RAISE EXCEPTION 'a deal that is % is not deleted', OLD.status USING ERRCODE = 'HM090';
    END IF;
    RETURN OLD;
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('open', 'won'), ('open', 'lost'), ('lost', 'open'), ('won', 'withdrawn'), ('withdrawn', 'won')) THEN
    RAISE EXCEPTION 'a deal does not go from % to %', OLD.status, NEW.status USING ERRCODE = 'HM091';
  END IF;
  IF OLD.status = 'open' AND NEW.status = 'won' THEN
    SELECT sum(l.net_amount) INTO v_sum FROM public.pipeline_dealline l WHERE l.deal_id = NEW.id;
    IF v_sum IS NULL OR v_sum <> NEW.net_total THEN
      RAISE EXCEPTION 'the total % is not the sum of the lines %', NEW.net_total, v_sum USING ERRCODE = 'HM092';
    END IF;
  END IF;
  IF OLD.status IN ('won', 'withdrawn') AND (
       NEW.number, NEW.account_id, NEW.currency, NEW.freight, NEW.net_total, NEW.won_at, NEW.won_by_id,
       NEW.ordered_on, NEW.requested_on, NEW.deposit_agreed)
     IS DISTINCT FROM (
       OLD.number, OLD.account_id, OLD.currency, OLD.freight, OLD.net_total, OLD.won_at, OLD.won_by_id,
       OLD.ordered_on, OLD.requested_on, OLD.deposit_agreed) THEN
    RAISE EXCEPTION 'the terms of a won deal stay as they were promised' USING ERRCODE = 'HM090';
  END IF;
  RETURN NEW;
END $fn$;
CREATE TRIGGER pipeline_deal_stays BEFORE UPDATE OR DELETE ON public.pipeline_deal
  FOR EACH ROW EXECUTE FUNCTION public.pipeline_keep_terms();
