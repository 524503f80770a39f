-- What was promised stays as it was promised (I23): the promise of a deal and, once an order left the draft, its terms.

CREATE FUNCTION public.orders_keep_promise() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status <> 'draft' OR OLD.deal IS NOT NULL THEN
      RAISE EXCEPTION 'order % stays: only a draft of our own may be deleted', OLD.number USING ERRCODE = 'HM070';
    END IF;
    RETURN OLD;
  END IF;
  IF NEW.deal IS DISTINCT FROM OLD.deal OR NEW.event IS DISTINCT FROM OLD.event
     OR NEW.promise IS DISTINCT FROM OLD.promise OR NEW.number <> OLD.number THEN
    RAISE EXCEPTION 'the promise of order % stays as it was given', OLD.number USING ERRCODE = 'HM071';
  END IF;
  IF OLD.status <> 'draft' AND (NEW.party_id <> OLD.party_id OR NEW.currency <> OLD.currency
     OR NEW.freight <> OLD.freight OR NEW.net_total <> OLD.net_total OR NEW.ordered_on <> OLD.ordered_on) THEN
    RAISE EXCEPTION 'the terms of order % stay: it is no draft any more', OLD.number USING ERRCODE = 'HM072';
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER orders_order_promise_stays BEFORE UPDATE OR DELETE ON public.orders_order
  FOR EACH ROW EXECUTE FUNCTION public.orders_keep_promise();

CREATE FUNCTION public.orders_keep_line() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  state text;
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.order_id = OLD.order_id AND NEW.sku = OLD.sku AND NEW.quantity = OLD.quantity
     AND NEW.unit_price = OLD.unit_price AND NEW.discount = OLD.discount AND NEW.net_amount = OLD.net_amount
     AND NEW.product_id IS NOT DISTINCT FROM OLD.product_id THEN
    RETURN NEW;  -- counters only
  END IF;
  SELECT status INTO state FROM public.orders_order WHERE id = OLD.order_id;
  IF state IS NOT NULL AND state <> 'draft' THEN
    RAISE EXCEPTION 'line % of an order that is % stays as it was promised', OLD.position, state
      USING ERRCODE = 'HM072';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER orders_orderline_stays BEFORE UPDATE OR DELETE ON public.orders_orderline
  FOR EACH ROW EXECUTE FUNCTION public.orders_keep_line();
