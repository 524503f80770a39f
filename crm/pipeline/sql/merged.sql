-- The terms of a won deal stay as they were promised; the account it hangs on may become a part of another one, and
-- come back, but only by a merge that is written down.

CREATE OR REPLACE FUNCTION public.pipeline_keep_terms() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_sum numeric;
  v_account uuid;
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status <> 'open' THEN
      RAISE EXCEPTION 'a deal that is % is not deleted', OLD.status USING ERRCODE = 'HM090';
    END IF;
    RETURN OLD;
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'open' THEN
      IF NOT NEW.taken_over OR NEW.status NOT IN ('won', 'lost') THEN
        RAISE EXCEPTION 'a deal is made open, not %', NEW.status USING ERRCODE = 'HM091';
      END IF;
      SELECT coalesce(sum(l.net_amount), 0) INTO v_sum FROM public.pipeline_dealline l WHERE l.deal_id = NEW.id;
      IF v_sum <> NEW.net_total THEN
        RAISE EXCEPTION 'the total % is not the sum of the lines %', NEW.net_total, v_sum USING ERRCODE = 'HM092';
      END IF;
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.taken_over AND NOT OLD.taken_over THEN
    RAISE EXCEPTION 'a deal of ours does not become one that was taken over' USING ERRCODE = 'HM091';
  END IF;
  IF OLD.taken_over AND NEW.status = 'open' AND NOT NEW.taken_over THEN
    RETURN NEW;
  END IF;
  IF OLD.taken_over AND NEW.status <> OLD.status THEN
    RAISE EXCEPTION 'a deal that was % elsewhere does not become %', OLD.status, NEW.status USING ERRCODE = 'HM091';
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('open', 'won'), ('open', 'lost'), ('lost', 'open'), ('won', 'withdrawn'), ('withdrawn', 'won')) THEN
    RAISE EXCEPTION 'a deal does not go from % to %', OLD.status, NEW.status USING ERRCODE = 'HM091';
  END IF;
  IF OLD.status = 'open' AND NEW.status = 'won' THEN
    SELECT sum(l.net_amount) INTO v_sum FROM public.pipeline_dealline l WHERE l.deal_id = NEW.id;
    IF v_sum IS NULL OR v_sum <> NEW.net_total THEN
      RAISE EXCEPTION 'the total % is not the sum of the lines %', NEW.net_total, v_sum USING ERRCODE = 'HM092';
    END IF;
  END IF;
  v_account := OLD.account_id;
  IF NEW.account_id <> OLD.account_id AND EXISTS (
       SELECT FROM public.accounts_merge m WHERE m.kind = 'account' AND (
         m.split_at IS NULL AND m.winner = NEW.account_id AND m.loser = OLD.account_id
         OR m.split_at IS NOT NULL AND m.winner = OLD.account_id AND m.loser = NEW.account_id)) THEN
    v_account := NEW.account_id;
  END IF;
  IF OLD.status IN ('won', 'withdrawn') AND (
       NEW.number, NEW.account_id, NEW.currency, NEW.freight, NEW.net_total, NEW.won_at, NEW.won_by_id,
       NEW.ordered_on, NEW.requested_on, NEW.deposit_agreed, NEW.taken_over)
     IS DISTINCT FROM (
       OLD.number, v_account, OLD.currency, OLD.freight, OLD.net_total, OLD.won_at, OLD.won_by_id,
       OLD.ordered_on, OLD.requested_on, OLD.deposit_agreed, OLD.taken_over) THEN
    RAISE EXCEPTION 'the terms of a won deal stay as they were promised' USING ERRCODE = 'HM090';
  END IF;
  RETURN NEW;
END $fn$;
