-- Goods that came back never exceed what left by the same move (I17), and the record of them is not rewritten.

CREATE FUNCTION public.returns_check_goods_back() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  gone numeric;
  back numeric;
BEGIN
  IF TG_OP <> 'INSERT' THEN
    RAISE EXCEPTION '% of goods received back is refused: what is written there stays', TG_OP USING ERRCODE = 'HM010';
  END IF;
  -- rivals for the same move wait for each other
  PERFORM pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(NEW.sale_move_id::text, 17));
  SELECT quantity INTO gone FROM public.inventory_stockmove WHERE id = NEW.sale_move_id;
  SELECT coalesce(pg_catalog.sum(quantity), 0) INTO back
    FROM public.returns_goodsback WHERE sale_move_id = NEW.sale_move_id;
  IF back + NEW.quantity > gone THEN
    RAISE EXCEPTION '% would come back of % that left', back + NEW.quantity, gone USING ERRCODE = 'HM017';
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER returns_goodsback_within_line BEFORE INSERT OR UPDATE OR DELETE ON public.returns_goodsback
  FOR EACH ROW EXECUTE FUNCTION public.returns_check_goods_back();
