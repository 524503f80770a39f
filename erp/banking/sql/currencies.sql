-- A receipt is the cash entry's own amount; one in another currency than the books' says what the bank booked in theirs.

CREATE OR REPLACE FUNCTION public.banking_guard_receipt() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_moved numeric;
  v_base text;
BEGIN
  SELECT sum(l.debit - l.credit), min(c.base_currency) INTO v_moved, v_base
    FROM public.ledger_journalline l
    JOIN public.ledger_journalentry e ON e.id = l.entry_id
    JOIN public.ledger_account a ON a.id = l.account_id
    JOIN public.ledger_company c ON c.id = e.company_id
   WHERE l.entry_id = NEW.entry_id AND e.source_id = NEW.id AND e.date = NEW.date AND e.company_id = NEW.company_id
     AND a.role = 'bank';
  IF v_moved IS DISTINCT FROM (CASE WHEN NEW.kind IN ('refund', 'paid') THEN -1 ELSE 1 END)
                              * coalesce(NEW.house_amount, NEW.amount) THEN
    RAISE EXCEPTION 'receipt %: its entry moves % in the bank, not %', NEW.number, v_moved,
      coalesce(NEW.house_amount, NEW.amount) USING ERRCODE = 'HM060';
  ELSIF (NEW.house_amount IS NULL) <> (NEW.currency = v_base) OR NEW.house_amount <= 0
        OR (NEW.house_amount IS NOT NULL AND NEW.excess <> 0) THEN
    RAISE EXCEPTION 'receipt %: only what is foreign is booked at another amount, and settles all it came for', NEW.number
      USING ERRCODE = 'HM111';
  END IF;
  RETURN NEW;
END $fn$;

-- What an entry moves on a party's control account in a currency: worth, and amount in the currency.
CREATE OR REPLACE FUNCTION public.house_moved(
  p_entry uuid, p_role text, p_party uuid, p_currency text, OUT worth numeric, OUT amount numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT coalesce(sum(l.debit - l.credit), 0), coalesce(sum(l.foreign_amount), 0)
    FROM public.ledger_journalline l
    JOIN public.ledger_account a ON a.id = l.account_id AND a.role = p_role
    JOIN public.parties_party p ON p.code = l.party AND p.id = p_party
   WHERE l.entry_id = p_entry AND l.currency = p_currency;
$fn$;

DO $do$
BEGIN
  REVOKE EXECUTE ON FUNCTION public.house_moved(uuid, text, uuid, text) FROM PUBLIC;
END $do$;
