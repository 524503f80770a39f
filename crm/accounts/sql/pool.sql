-- The public pool: its stays follow the owner of an account, whoever changes it, and a claim beyond the policy is refused.
-- Without a row the policy is as shipped: ten claims in seven days, and thirty days' wait for who gave the account up.

ALTER TABLE public.accounts_poolstay ADD CONSTRAINT accounts_poolstay_account_fk
  FOREIGN KEY (account_id) REFERENCES public.accounts_account (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

CREATE OR REPLACE FUNCTION public.accounts_pool_mark() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  NEW.pooled_at := CASE WHEN NEW.owner_id IS NULL THEN COALESCE(NEW.pooled_at, now()) END;
  RETURN NEW;
END $fn$;
CREATE TRIGGER accounts_account_pooled BEFORE UPDATE OF owner_id ON public.accounts_account
  FOR EACH ROW WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id)
  EXECUTE FUNCTION public.accounts_pool_mark();

CREATE OR REPLACE FUNCTION public.accounts_pool_follow() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF NEW.owner_id IS NULL THEN
    INSERT INTO public.accounts_poolstay (id, account_id, since, came_by, why, note, left_by_id, went_by)
    VALUES (gen_random_uuid(), NEW.id, now(), 'released', '', '', OLD.owner_id, '')
    ON CONFLICT (account_id) WHERE until IS NULL DO NOTHING;
  ELSE
    UPDATE public.accounts_poolstay SET until = now(), went_by = 'assigned', taken_by_id = NEW.owner_id
     WHERE account_id = NEW.id AND until IS NULL;
  END IF;
  RETURN NULL;
END $fn$;
CREATE TRIGGER accounts_account_stays AFTER UPDATE OF owner_id ON public.accounts_account
  FOR EACH ROW WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id)
  EXECUTE FUNCTION public.accounts_pool_follow();

CREATE OR REPLACE FUNCTION public.accounts_pool_refuse_claim(p_stay public.accounts_poolstay) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_policy public.accounts_poolpolicy;
  v_most integer; v_days integer; v_back integer;
BEGIN
  -- One claim of a person after the other, so that two at once are counted as two.
  PERFORM pg_advisory_xact_lock(hashtextextended('accounts.pool.claims:' || p_stay.taken_by_id, 0));
  SELECT * INTO v_policy FROM public.accounts_poolpolicy;
  IF FOUND THEN
    v_most := v_policy.claims_most; v_days := v_policy.claims_days; v_back := v_policy.back_days;
  ELSE
    v_most := 10; v_days := 7; v_back := 30;
  END IF;
  IF (SELECT count(*) FROM public.accounts_poolstay
       WHERE went_by = 'claimed' AND taken_by_id = p_stay.taken_by_id
         AND until > now() - make_interval(days => v_days)) >= v_most THEN
    RAISE EXCEPTION 'at most % claims in % days', v_most, v_days USING ERRCODE = 'HM098';
  END IF;
  IF v_back > 0 AND EXISTS (SELECT FROM public.accounts_poolstay
              WHERE account_id = p_stay.account_id AND left_by_id = p_stay.taken_by_id
                AND since > now() - make_interval(days => v_back)) THEN
    RAISE EXCEPTION 'whoever gave the account up waits % days', v_back USING ERRCODE = 'HM099';
  END IF;
END $fn$;

CREATE OR REPLACE FUNCTION public.accounts_pool_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT FROM public.accounts_account WHERE id = OLD.account_id) THEN
      RAISE EXCEPTION 'where an account was stays written' USING ERRCODE = 'HM100';
    END IF;
    RETURN OLD;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    -- A merge takes the row to another account; what it says was written once and is ended once.
    IF to_jsonb(NEW) - 'account_id' = to_jsonb(OLD) - 'account_id' THEN
      RETURN NEW;
    END IF;
    IF OLD.until IS NOT NULL OR NEW.until IS NULL
       OR to_jsonb(NEW) - '{until,went_by,taken_by_id}'::text[] <> to_jsonb(OLD) - '{until,went_by,taken_by_id}'::text[]
    THEN
      RAISE EXCEPTION 'where an account was stays written' USING ERRCODE = 'HM100';
    END IF;
  END IF;
  IF NEW.until IS NOT NULL THEN
    NEW.until := GREATEST(clock_timestamp(), NEW.since);
    IF NEW.went_by = 'claimed' THEN
      PERFORM public.accounts_pool_refuse_claim(NEW);
    END IF;
  END IF;
  RETURN NEW;
END $fn$;
CREATE TRIGGER accounts_poolstay_guard BEFORE INSERT OR UPDATE OR DELETE ON public.accounts_poolstay
  FOR EACH ROW EXECUTE FUNCTION public.accounts_pool_guard();
