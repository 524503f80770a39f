-- Opening items stand in the books as they are told, stay so, and are never settled beyond what is open.

-- What is taken back is taken back by the mirror of its own entry, once, and for good.
CREATE OR REPLACE FUNCTION public.opening_mirrored(p_entry uuid, p_reversal uuid) RETURNS boolean LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT EXISTS (SELECT FROM public.ledger_journalentry WHERE id = p_reversal AND reverses_id = p_entry);
$fn$;

CREATE OR REPLACE FUNCTION public.opening_guard_balance() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.reversal_id IS NOT NULL OR NOT EXISTS (
         SELECT FROM public.ledger_journalentry WHERE id = NEW.entry_id AND source_type = 'opening'
            AND source_id = NEW.id AND company_id = NEW.company_id AND date = NEW.day) THEN
      RAISE EXCEPTION 'opening balances begin with their entry' USING ERRCODE = 'HM090';
    END IF;
  ELSIF TG_OP = 'DELETE' OR OLD.reversal_id IS NOT NULL
     OR (to_jsonb(NEW) - 'reversal_id') IS DISTINCT FROM (to_jsonb(OLD) - 'reversal_id')
     OR NOT public.opening_mirrored(OLD.entry_id, NEW.reversal_id) THEN
    RAISE EXCEPTION 'opening balances stay as they are, or are taken back by the mirror of their entry'
      USING ERRCODE = 'HM090';
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER opening_balance_guard BEFORE INSERT OR UPDATE OR DELETE ON public.openings_openingbalance
  FOR EACH ROW EXECUTE FUNCTION public.opening_guard_balance();
CREATE TRIGGER opening_balance_not_truncated BEFORE TRUNCATE ON public.openings_openingbalance
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE OR REPLACE FUNCTION public.opening_guard_item() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
  v_booked numeric;
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION '%: an opening item is taken back, not deleted', OLD.number USING ERRCODE = 'HM091';
  ELSIF TG_OP = 'INSERT' THEN
    SELECT sum(l.debit - l.credit) INTO v_booked
      FROM public.ledger_journalline l
      JOIN public.ledger_journalentry e ON e.id = l.entry_id AND e.source_type = 'opening_item' AND e.source_id = NEW.id
       AND e.company_id = NEW.company_id AND e.date = NEW.opened_on
      JOIN public.ledger_account a ON a.id = l.account_id AND a.role = NEW.side
      JOIN public.parties_party p ON p.code = l.party AND p.id = NEW.party_id
       AND p.kind = CASE NEW.side WHEN 'receivable' THEN 'customer' ELSE 'supplier' END
      JOIN public.ledger_company c ON c.id = e.company_id AND c.base_currency = NEW.currency
     WHERE l.entry_id = NEW.entry_id;
    IF v_booked IS DISTINCT FROM (CASE NEW.side WHEN 'receivable' THEN NEW.amount ELSE -NEW.amount END)
       OR NEW.open_amount <> NEW.amount OR NEW.reversal_id IS NOT NULL THEN
      RAISE EXCEPTION '%: item and entry differ', NEW.number USING ERRCODE = 'HM091';
    END IF;
    RETURN NEW;
  END IF;
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF OLD.reversal_id IS NOT NULL
     OR (to_jsonb(NEW) - 'open_amount' - 'reversal_id') IS DISTINCT FROM (to_jsonb(OLD) - 'open_amount' - 'reversal_id') THEN
    RAISE EXCEPTION '%: an opening item stays as it is', OLD.number USING ERRCODE = 'HM091';
  ELSIF NEW.reversal_id IS NOT NULL THEN
    IF OLD.open_amount <> OLD.amount THEN
      RAISE EXCEPTION '%: something of it is settled', OLD.number
        USING ERRCODE = 'HM092', DETAIL = json_build_object('number', OLD.number)::text;
    ELSIF NOT public.opening_mirrored(OLD.entry_id, NEW.reversal_id) THEN
      RAISE EXCEPTION '%: an opening item is taken back by the mirror of its entry', OLD.number USING ERRCODE = 'HM091';
    END IF;
  ELSIF NEW.open_amount <> OLD.open_amount AND v_stack !~ 'function (public\.)?opening_allocate\(' THEN
    RAISE EXCEPTION '%: what is open moves with its allocations only', OLD.number USING ERRCODE = 'HM091';
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER opening_item_guard BEFORE INSERT OR UPDATE OR DELETE ON public.openings_openingitem
  FOR EACH ROW EXECUTE FUNCTION public.opening_guard_item();
CREATE TRIGGER opening_item_not_truncated BEFORE TRUNCATE ON public.openings_openingitem
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- I10: never more is settled of an item than is open, nor more than came or left, however many try at once.  A payment
-- to a supplier settles one document.
CREATE OR REPLACE FUNCTION public.opening_allocate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_item public.openings_openingitem;
  v_receipt public.banking_receipt;
  v_open numeric;
BEGIN
  SELECT * INTO v_receipt FROM public.banking_receipt WHERE id = NEW.receipt_id FOR UPDATE;
  SELECT * INTO v_item FROM public.openings_openingitem WHERE id = NEW.item_id FOR UPDATE;
  IF v_item.reversal_id IS NOT NULL
     OR v_receipt.kind IS DISTINCT FROM (CASE v_item.side WHEN 'receivable' THEN 'payment' ELSE 'paid' END)
     OR (v_receipt.party_id, v_receipt.currency) IS DISTINCT FROM (v_item.party_id, v_item.currency)
     OR EXISTS (SELECT FROM public.bills_billpayment WHERE receipt_id = NEW.receipt_id) THEN
    RAISE EXCEPTION '%: this cannot settle it', v_item.number USING ERRCODE = 'HM077';
  END IF;
  v_open := least(v_item.open_amount, public.invoice_rest(NEW.receipt_id));
  IF NEW.amount > v_open THEN
    RAISE EXCEPTION '%: % is more than the % that is open', v_item.number, NEW.amount, v_open
      USING ERRCODE = 'HM078', DETAIL = json_build_object(
        'number', v_item.number, 'amount', NEW.amount, 'open', v_open)::text;
  END IF;
  UPDATE public.openings_openingitem SET open_amount = open_amount - NEW.amount WHERE id = NEW.item_id;
  RETURN NEW;
END $fn$;

CREATE TRIGGER opening_allocation BEFORE INSERT ON public.openings_openingallocation
  FOR EACH ROW EXECUTE FUNCTION public.opening_allocate();

DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  REVOKE EXECUTE ON FUNCTION public.opening_mirrored(uuid, uuid) FROM PUBLIC;
  IF v_app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    EXECUTE pg_catalog.format('REVOKE UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON public.openings_openingbalance, '
                              'public.openings_openingitem FROM %I', v_app);
    EXECUTE pg_catalog.format('GRANT UPDATE (reversal_id) ON public.openings_openingbalance TO %I', v_app);
    EXECUTE pg_catalog.format('GRANT UPDATE (reversal_id, open_amount) ON public.openings_openingitem TO %I', v_app);
  END IF;
END $do$;
