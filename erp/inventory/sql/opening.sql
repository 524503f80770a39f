-- The entry of a posting: what came in against what it came from, what went out against what it became.  What lay there
-- before these books comes against the account of opening balances: nobody will bill it.
CREATE OR REPLACE FUNCTION public.stock_book(body jsonb, p_in numeric, p_out numeric) RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_other text := CASE WHEN body->>'source_type' = 'opening_stock' THEN 'opening_equity'
                       WHEN body->>'reason' = 'receipt' THEN 'grni' WHEN body->>'reason' IN ('shipment', 'return') THEN 'cogs'
                       ELSE 'inventory_adjustment' END;
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
