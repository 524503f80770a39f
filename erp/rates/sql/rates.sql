-- A rate is of another currency than the books', and says of one currency and day what it is worth; these stay.

CREATE OR REPLACE FUNCTION public.rate_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.id, NEW.company_id, NEW.currency, NEW.day)
       IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.currency, OLD.day) THEN
    RAISE EXCEPTION '%: another currency or day is another rate', OLD.currency USING ERRCODE = 'HM110';
  ELSIF EXISTS (SELECT FROM public.ledger_company WHERE id = NEW.company_id AND base_currency = NEW.currency) THEN
    RAISE EXCEPTION '%: the currency of the books needs no rate', NEW.currency USING ERRCODE = 'HM110';
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER rate_guard BEFORE INSERT OR UPDATE ON public.rates_exchangerate
  FOR EACH ROW EXECUTE FUNCTION public.rate_guard();
CREATE TRIGGER rates_not_truncated BEFORE TRUNCATE ON public.rates_exchangerate
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- Which part of the worth of an item goes with a part of the item: half away from zero, without a division's own
-- rounding before it; the last part takes what is left (erp/rates/services.py knows the same as `share`).
CREATE OR REPLACE FUNCTION public.house_share(p_amount numeric, p_of numeric, p_worth numeric, p_digits integer)
RETURNS numeric LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT CASE WHEN p_amount = p_of THEN p_worth
              ELSE least(p_worth, div(2 * p_worth * p_amount * 10::numeric ^ p_digits + p_of, 2 * p_of) / 10::numeric ^ p_digits)
         END;
$fn$;
