-- The other side of I16 (and I9 for stock): nothing stands in the inventory account that no goods brought there.  At
-- COMMIT, what an entry books there equals what its moves carried in and out; so stock value = inventory account, always.
CREATE FUNCTION public.stock_check_entry() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_booked numeric;
  v_moved numeric;
BEGIN
  SELECT sum(l.debit - l.credit) INTO v_booked
    FROM public.ledger_journalline l JOIN public.ledger_account a ON a.id = l.account_id
   WHERE l.entry_id = NEW.id AND a.role = 'inventory';
  IF v_booked IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT coalesce(sum(m.value * (t.internal::int - f.internal::int)), 0) INTO v_moved
    FROM public.inventory_stockmove m
    JOIN public.inventory_location f ON f.id = m.from_location_id
    JOIN public.inventory_location t ON t.id = m.to_location_id
   WHERE m.entry_id = NEW.id;
  IF v_booked <> v_moved THEN
    RAISE EXCEPTION '% books % in the inventory account, but its goods are worth %', NEW.number, v_booked, v_moved
      USING ERRCODE = 'HM067';
  END IF;
  RETURN NULL;
END $fn$;

CREATE CONSTRAINT TRIGGER stock_entry_has_goods AFTER INSERT ON public.ledger_journalentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.stock_check_entry();
