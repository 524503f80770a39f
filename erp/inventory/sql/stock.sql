-- The only way goods move.  One call locks the balances, computes the value under that lock, writes the moves and
-- posts their one ledger entry.  SECURITY DEFINER: the process role may only read the tables.
--
--   {"company": uuid, "posting": uuid, "date": "2026-11-23", "reason": "shipment", "text": "…", "reference": "…",
--    "source_type": "shipment", "source_id": uuid, "by": "steven",
--    "lines": [{"product": uuid, "from": "MAIN", "to": "CUSTOMER", "quantity": "5",
--               "unit_cost": "12.50" (goods that come from outside), "ref": uuid (a reservation to consume),
--               "returns": uuid (the sale's move whose goods come back)}, …]}
--
-- The same posting again gives its moves and does nothing.  Locks: period → balances by key → counter of the journal.
-- What is refused has an SQLSTATE HM06x and its facts as JSON in DETAIL (erp/inventory/refusals.py).

CREATE SEQUENCE IF NOT EXISTS public.inventory_position;

-- Makes sure the balances exist, and locks them in key order, so that rivals wait for each other and never in a circle.
CREATE OR REPLACE FUNCTION public.stock_lock(p_products uuid[], p_locations bigint[]) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  INSERT INTO public.inventory_stockbalance (product_id, location_id, on_hand, reserved, value)
    SELECT p, l, 0, 0, 0 FROM unnest(p_products) p CROSS JOIN unnest(p_locations) l ORDER BY 1, 2
    ON CONFLICT (product_id, location_id) DO NOTHING;
  PERFORM FROM public.inventory_stockbalance
   WHERE product_id = ANY(p_products) AND location_id = ANY(p_locations) ORDER BY product_id, location_id FOR UPDATE;
END $fn$;

CREATE OR REPLACE FUNCTION public.stock_place(p_code text) RETURNS public.inventory_location
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_place public.inventory_location;
BEGIN
  SELECT * INTO v_place FROM public.inventory_location WHERE code = p_code;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no location %', p_code
      USING ERRCODE = 'HM063', DETAIL = json_build_object('location', p_code)::text;
  END IF;
  RETURN v_place;
END $fn$;

-- Takes units out of a locked balance; what they are worth by the moving average, the last one all that is left.
CREATE OR REPLACE FUNCTION public.stock_take(p_product uuid, p_place bigint, p_quantity numeric, p_ref uuid)
RETURNS public.inventory_stockbalance
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_balance public.inventory_stockbalance;
  v_kept numeric := 0;
  v_value numeric;
BEGIN
  SELECT * INTO v_balance FROM public.inventory_stockbalance WHERE product_id = p_product AND location_id = p_place;
  IF p_ref IS NOT NULL THEN
    SELECT quantity INTO v_kept FROM public.inventory_stockreservation
     WHERE ref = p_ref AND product_id = p_product AND location_id = p_place FOR UPDATE;
    IF NOT FOUND OR v_kept < p_quantity THEN
      RAISE EXCEPTION 'only % are reserved', coalesce(v_kept, 0) USING ERRCODE = 'HM061', DETAIL = json_build_object(
        'sku', (SELECT sku FROM public.products_product WHERE id = p_product),
        'reserved', trim_scale(coalesce(v_kept, 0)), 'wanted', trim_scale(p_quantity))::text;
    END IF;
    UPDATE public.inventory_stockreservation SET quantity = quantity - p_quantity, updated_at = clock_timestamp()
     WHERE ref = p_ref;
    v_kept := p_quantity;
  END IF;
  IF v_balance.on_hand - v_balance.reserved + v_kept < p_quantity THEN
    RAISE EXCEPTION 'only % are free', v_balance.on_hand - v_balance.reserved
      USING ERRCODE = 'HM060', DETAIL = json_build_object(
        'sku', (SELECT sku FROM public.products_product WHERE id = p_product),
        'available', trim_scale(v_balance.on_hand - v_balance.reserved + v_kept), 'wanted', trim_scale(p_quantity))::text;
  END IF;
  v_value := CASE WHEN p_quantity = v_balance.on_hand THEN v_balance.value
                  ELSE least(v_balance.value, round(v_balance.value * p_quantity / v_balance.on_hand, 2)) END;
  UPDATE public.inventory_stockbalance
     SET on_hand = on_hand - p_quantity, reserved = reserved - v_kept, value = value - v_value
   WHERE id = v_balance.id RETURNING * INTO v_balance;
  v_balance.id := NULL;
  v_balance.reserved := v_value;  -- the caller needs what was taken; the row itself is written
  RETURN v_balance;
END $fn$;

-- What comes back is worth what it was worth when it left, in parts; the last part carries the exact rest.
CREATE OR REPLACE FUNCTION public.stock_returned_value(p_move uuid, p_product uuid, p_quantity numeric) RETURNS numeric
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_sale public.inventory_stockmove;
  v_back record;
BEGIN
  PERFORM pg_advisory_xact_lock(7104, hashtext(p_move::text));
  SELECT * INTO v_sale FROM public.inventory_stockmove
   WHERE id = p_move AND product_id = p_product AND reason = 'shipment';
  SELECT coalesce(sum(quantity), 0) AS quantity, coalesce(sum(value), 0) AS value INTO v_back
    FROM public.inventory_stockmove WHERE returns_id = p_move;
  IF v_sale.id IS NULL OR v_back.quantity + p_quantity > v_sale.quantity THEN
    RAISE EXCEPTION 'more would come back than was delivered' USING ERRCODE = 'HM062', DETAIL = json_build_object(
      'sku', (SELECT sku FROM public.products_product WHERE id = p_product),
      'delivered', trim_scale(coalesce(v_sale.quantity, 0) - v_back.quantity), 'wanted', trim_scale(p_quantity))::text;
  END IF;
  RETURN CASE WHEN v_back.quantity + p_quantity = v_sale.quantity THEN v_sale.value - v_back.value
              ELSE least(v_sale.value - v_back.value, round(v_sale.value * p_quantity / v_sale.quantity, 2)) END;
END $fn$;

CREATE OR REPLACE FUNCTION public.stock_post(body jsonb) RETURNS SETOF public.inventory_stockmove
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_company uuid := (body->>'company')::uuid;
  v_posting uuid := (body->>'posting')::uuid;
  v_reason text := body->>'reason';
  v_line record;
  v_from public.inventory_location;
  v_to public.inventory_location;
  v_taken public.inventory_stockbalance;
  v_balance public.inventory_stockbalance;
  v_value numeric;
  v_in numeric := 0;   -- worth that came to us
  v_out numeric := 0;  -- worth that left us
  v_moves public.inventory_stockmove[] := '{}';
  v_move public.inventory_stockmove;
  v_entry uuid;
BEGIN
  PERFORM pg_advisory_xact_lock(7103, hashtext(v_posting::text));
  RETURN QUERY SELECT * FROM public.inventory_stockmove WHERE posting = v_posting ORDER BY line;
  IF FOUND THEN
    RETURN;
  END IF;
  PERFORM public.ledger_hold_period(v_company, (body->>'date')::date);
  PERFORM public.stock_lock(
    (SELECT array_agg(DISTINCT (l->>'product')::uuid) FROM jsonb_array_elements(body->'lines') l),
    (SELECT array_agg(DISTINCT p.id) FROM jsonb_array_elements(body->'lines') l
       JOIN public.inventory_location p ON p.code IN (l->>'from', l->>'to') WHERE p.internal));

  FOR v_line IN
    SELECT l.*, n FROM ROWS FROM (jsonb_to_recordset(body->'lines') AS (
        product uuid, "from" text, "to" text, quantity numeric, unit_cost numeric, ref uuid, returns uuid))
      WITH ORDINALITY AS l(product, "from", "to", quantity, unit_cost, ref, returns, n) ORDER BY n
  LOOP
    v_taken := NULL;
    v_from := public.stock_place(v_line."from");
    v_to := public.stock_place(v_line."to");
    IF v_line.quantity IS NULL OR NOT v_line.quantity > 0 OR v_line.quantity <> round(v_line.quantity, 4)
       OR v_line.quantity > 1e12 THEN
      RAISE EXCEPTION 'line %: a quantity above zero with at most four decimals', v_line.n
        USING ERRCODE = 'HM064', DETAIL = json_build_object('line', v_line.n, 'quantity', v_line.quantity)::text;
    ELSIF NOT v_from.internal AND v_line.returns IS NULL AND NOT coalesce(v_line.unit_cost, -1) BETWEEN 0 AND 1e9 THEN
      RAISE EXCEPTION 'line %: goods that come in need a cost', v_line.n
        USING ERRCODE = 'HM065', DETAIL = json_build_object('line', v_line.n)::text;
    END IF;
    IF v_from.internal THEN
      v_taken := public.stock_take(v_line.product, v_from.id, v_line.quantity, v_line.ref);
      v_value := v_taken.reserved;
    ELSIF v_line.returns IS NOT NULL THEN
      v_value := public.stock_returned_value(v_line.returns, v_line.product, v_line.quantity);
    ELSE
      v_value := round(v_line.quantity * v_line.unit_cost, 2);
    END IF;
    v_balance := v_taken;
    IF v_to.internal THEN
      UPDATE public.inventory_stockbalance SET on_hand = on_hand + v_line.quantity, value = value + v_value
       WHERE product_id = v_line.product AND location_id = v_to.id RETURNING * INTO v_balance;
    END IF;
    IF v_from.internal AND NOT v_to.internal THEN
      v_out := v_out + v_value;
    ELSIF v_to.internal AND NOT v_from.internal THEN
      v_in := v_in + v_value;
    END IF;
    v_move := NULL;
    v_move.id := uuidv7();
    v_move.position := nextval('public.inventory_position');
    v_move.line := v_line.n;
    v_move.product_id := v_line.product;
    v_move.from_location_id := v_from.id;
    v_move.to_location_id := v_to.id;
    v_move.quantity := v_line.quantity;
    v_move.value := v_value;
    v_move.unit_cost := round(v_value / v_line.quantity, 6);
    v_move.on_hand_after := v_balance.on_hand;
    v_move.value_after := v_balance.value;
    v_move.returns_id := v_line.returns;
    v_moves := v_moves || v_move;
  END LOOP;

  IF v_in + v_out > 0 THEN
    v_entry := public.stock_book(body, v_in, v_out);
  END IF;
  RETURN QUERY
    INSERT INTO public.inventory_stockmove (
        id, company_id, position, posting, line, product_id, from_location_id, to_location_id, quantity, unit_cost,
        value, on_hand_after, value_after, reason, reference, source_type, source_id, returns_id, entry_id,
        effective_on, recorded_at, recorded_by)
      SELECT m.id, v_company, m.position, v_posting, m.line, m.product_id, m.from_location_id, m.to_location_id,
             m.quantity, m.unit_cost, m.value, m.on_hand_after, m.value_after, v_reason,
             coalesce(body->>'reference', ''), coalesce(body->>'source_type', ''), (body->>'source_id')::uuid,
             m.returns_id, CASE WHEN m.value <> 0 THEN v_entry END, (body->>'date')::date, clock_timestamp(),
             coalesce(body->>'by', '')
        FROM unnest(v_moves) m ORDER BY m.line
      RETURNING *;
END $fn$;

-- The entry of a posting: what came in against what it came from, what went out against what it became.
CREATE OR REPLACE FUNCTION public.stock_book(body jsonb, p_in numeric, p_out numeric) RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_other text := CASE body->>'reason' WHEN 'receipt' THEN 'grni' WHEN 'shipment' THEN 'cogs'
                                       WHEN 'return' THEN 'cogs' ELSE 'inventory_adjustment' END;
  v_lines jsonb := '[]';
  v_entry uuid;
BEGIN
  IF p_in > 0 THEN
    v_lines := v_lines || jsonb_build_array(jsonb_build_object('account', 'inventory', 'debit', p_in, 'credit', 0),
                                            jsonb_build_object('account', v_other, 'debit', 0, 'credit', p_in));
  END IF;
  IF p_out > 0 THEN
    v_lines := v_lines || jsonb_build_array(jsonb_build_object('account', v_other, 'debit', p_out, 'credit', 0),
                                            jsonb_build_object('account', 'inventory', 'debit', 0, 'credit', p_out));
  END IF;
  SELECT id INTO v_entry FROM public.ledger_post(jsonb_build_object(
    'company', body->'company', 'journal', 'stock', 'date', body->'date', 'text', coalesce(body->>'text', ''),
    'key', 'stock:' || (body->>'posting'), 'source_type', coalesce(body->>'source_type', ''),
    'source_id', body->'source_id', 'by', coalesce(body->>'by', ''), 'lines', v_lines));
  RETURN v_entry;
END $fn$;

-- Keeps units for references: {"location": "MAIN", "partial": true, "lines": [{"product", "quantity", "ref"}]}.
-- A reference's reservation grows by what it gets now; a row a line says how much that is.
CREATE OR REPLACE FUNCTION public.stock_reserve(body jsonb) RETURNS TABLE (ref uuid, reserved numeric)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
#variable_conflict use_column
DECLARE
  v_place public.inventory_location := public.stock_place(coalesce(body->>'location', 'MAIN'));
  v_line record;
  v_free numeric;
  v_got numeric;
BEGIN
  PERFORM public.stock_lock(
    (SELECT array_agg(DISTINCT (l->>'product')::uuid) FROM jsonb_array_elements(body->'lines') l), ARRAY[v_place.id]);
  FOR v_line IN
    SELECT * FROM jsonb_to_recordset(body->'lines') AS (product uuid, quantity numeric, ref uuid)
  LOOP
    SELECT b.on_hand - b.reserved INTO v_free FROM public.inventory_stockbalance b
     WHERE b.product_id = v_line.product AND b.location_id = v_place.id;
    v_got := least(v_free, v_line.quantity);
    IF NOT v_line.quantity > 0 THEN
      v_got := 0;
    ELSIF v_got < v_line.quantity AND NOT coalesce((body->>'partial')::boolean, true) THEN
      RAISE EXCEPTION 'only % are free', v_free USING ERRCODE = 'HM060', DETAIL = json_build_object(
        'sku', (SELECT sku FROM public.products_product WHERE id = v_line.product),
        'available', trim_scale(v_free), 'wanted', trim_scale(v_line.quantity))::text;
    END IF;
    IF v_got > 0 THEN
      UPDATE public.inventory_stockbalance b SET reserved = b.reserved + v_got
       WHERE b.product_id = v_line.product AND b.location_id = v_place.id;
      INSERT INTO public.inventory_stockreservation AS r (ref, product_id, location_id, quantity, updated_at)
        VALUES (v_line.ref, v_line.product, v_place.id, v_got, clock_timestamp())
        ON CONFLICT (ref) DO UPDATE SET quantity = r.quantity + excluded.quantity, updated_at = excluded.updated_at;
    END IF;
    ref := v_line.ref;
    reserved := v_got;
    RETURN NEXT;
  END LOOP;
END $fn$;

-- Gives back what is still kept for these references.
CREATE OR REPLACE FUNCTION public.stock_release(p_refs uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  PERFORM FROM public.inventory_stockbalance b
    WHERE (b.product_id, b.location_id) IN (
      SELECT r.product_id, r.location_id FROM public.inventory_stockreservation r WHERE r.ref = ANY(p_refs))
    ORDER BY b.product_id, b.location_id FOR UPDATE;
  WITH freed AS (
    SELECT product_id, location_id, sum(quantity) AS quantity FROM public.inventory_stockreservation
     WHERE ref = ANY(p_refs) GROUP BY product_id, location_id)
  UPDATE public.inventory_stockbalance b SET reserved = b.reserved - f.quantity
    FROM freed f WHERE b.product_id = f.product_id AND b.location_id = f.location_id;
  UPDATE public.inventory_stockreservation SET quantity = 0, updated_at = clock_timestamp() WHERE ref = ANY(p_refs);
END $fn$;

-- I16, the second belt: at COMMIT a move with a value has its one entry, of this very transaction, of the same worth.
CREATE OR REPLACE FUNCTION public.stock_check_move() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_entry public.ledger_journalentry;
BEGIN
  IF NEW.value = 0 OR NEW.reason = 'transfer' THEN
    RETURN NULL;
  END IF;
  SELECT * INTO v_entry FROM public.ledger_journalentry WHERE id = NEW.entry_id;
  IF v_entry.id IS NULL OR v_entry.transaction <> pg_current_xact_id()::text::bigint OR v_entry.company_id <> NEW.company_id
     OR v_entry.total <> (SELECT sum(m.value) FROM public.inventory_stockmove m WHERE m.entry_id = NEW.entry_id) THEN
    RAISE EXCEPTION 'the move of % has no entry of its worth', NEW.value USING ERRCODE = 'HM066';
  END IF;
  RETURN NULL;
END $fn$;
CREATE CONSTRAINT TRIGGER stock_move_is_booked AFTER INSERT ON public.inventory_stockmove
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.stock_check_move();

-- Helpers that write are no doors of their own.
DO $do$
DECLARE
  v_app name := regexp_replace(current_user, '_owner$', '_app');
  v_helper text;
BEGIN
  FOREACH v_helper IN ARRAY ARRAY['stock_lock(uuid[], bigint[])', 'stock_take(uuid, bigint, numeric, uuid)',
                                  'stock_book(jsonb, numeric, numeric)'] LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION public.%s FROM PUBLIC', v_helper);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = v_app) AND v_app <> current_user THEN
      EXECUTE format('REVOKE EXECUTE ON FUNCTION public.%s FROM %I', v_helper, v_app);
    END IF;
  END LOOP;
END $do$;
