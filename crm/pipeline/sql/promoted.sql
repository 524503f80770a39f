-- A line's promotion is one that gives what the line remembers of it, and goes on giving it while a line has it; as far
-- as it goes a price needs nobody's word but its own, unless who decided it also set the price or owns the deal.

CREATE OR REPLACE FUNCTION public.pipeline_line_promoted() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_discount numeric;
BEGIN
  -- The share lock waits for a change of the promotion in progress, and then sees it.
  SELECT p.discount INTO v_discount FROM public.promotions_promotion p WHERE p.id = NEW.promotion_id FOR SHARE;
  IF v_discount IS DISTINCT FROM NEW.promotion_discount THEN
    RAISE EXCEPTION 'the promotion gives %, not %', v_discount, NEW.promotion_discount USING ERRCODE = 'HM097';
  END IF;
  RETURN NEW;
END $fn$;
CREATE TRIGGER pipeline_dealline_promoted BEFORE INSERT OR UPDATE OF promotion_id, promotion_discount
  ON public.pipeline_dealline
  FOR EACH ROW WHEN (NEW.promotion_id IS NOT NULL)
  EXECUTE FUNCTION public.pipeline_line_promoted();

CREATE OR REPLACE FUNCTION public.pipeline_promotion_carried() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF EXISTS (SELECT FROM public.pipeline_dealline l WHERE l.promotion_id = OLD.id) THEN
    RAISE EXCEPTION 'lines of deals have what this promotion gives' USING ERRCODE = 'HM097';
  END IF;
  RETURN NEW;
END $fn$;
CREATE TRIGGER promotions_promotion_carried BEFORE UPDATE ON public.promotions_promotion
  FOR EACH ROW WHEN (NEW.discount <> OLD.discount OR NEW.decided_by_id <> OLD.decided_by_id)
  EXECUTE FUNCTION public.pipeline_promotion_carried();

CREATE OR REPLACE FUNCTION public.pipeline_win_approved() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_sku text;
BEGIN
  SELECT l.sku INTO v_sku
    FROM public.pipeline_dealline l
    JOIN public.pipeline_stage s ON s.id = NEW.stage_id
    JOIN public.pipeline_pipeline p ON p.id = s.pipeline_id
    LEFT JOIN public.promotions_promotion r ON r.id = l.promotion_id
      AND r.decided_by_id IS DISTINCT FROM l.priced_by_id AND r.decided_by_id IS DISTINCT FROM NEW.owner_id
   WHERE l.deal_id = NEW.id AND l.approved_by_id IS NULL
     AND public.pipeline_line_beyond(
           l.list_price, l.unit_price, l.discount,
           CASE WHEN r.id IS NULL THEN p.discount_limit ELSE GREATEST(p.discount_limit, l.promotion_discount) END)
   ORDER BY l.position LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'nobody has approved the price of %', v_sku USING ERRCODE = 'HM093';
  END IF;
  RETURN NEW;
END $fn$;
