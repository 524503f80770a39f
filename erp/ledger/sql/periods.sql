-- I5: closing waits for everybody who is posting, and who posts waits for closing.  What is closed a second person may
-- open again with a reason; what is closed hard stays so, and whatever was posted before it is closed hard as well.

CREATE OR REPLACE FUNCTION public.ledger_set_period(p_period uuid, p_status text, p_by text, p_reason text)
RETURNS SETOF public.ledger_period
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_period public.ledger_period;
  v_last_by text;
BEGIN
  PERFORM pg_advisory_xact_lock(7102, hashtext(p_period::text));
  SELECT * INTO v_period FROM public.ledger_period WHERE id = p_period FOR UPDATE;
  IF v_period.id IS NULL OR v_period.status = p_status THEN
    RETURN QUERY SELECT * FROM public.ledger_period WHERE id = p_period;
    RETURN;
  END IF;
  IF NOT (v_period.status, p_status) IN (('open', 'closing'), ('open', 'closed'), ('closing', 'closed'),
                                         ('closing', 'open'), ('closed', 'closing'), ('closed', 'hard')) THEN
    RAISE EXCEPTION 'the period % is % and cannot become %', to_char(v_period.starts_on, 'YYYY-MM'), v_period.status, p_status
      USING ERRCODE = 'HM040', DETAIL = json_build_object(
        'period', to_char(v_period.starts_on, 'YYYY-MM'), 'status', v_period.status, 'asked', p_status)::text;
  END IF;
  IF p_status = 'hard' AND EXISTS (
       SELECT FROM public.ledger_period p WHERE p.company_id = v_period.company_id AND p.starts_on < v_period.starts_on
          AND p.status <> 'hard' AND EXISTS (SELECT FROM public.ledger_journalentry WHERE period_id = p.id)) THEN
    RAISE EXCEPTION 'an earlier period with entries is not closed hard'
      USING ERRCODE = 'HM043', DETAIL = json_build_object('period', to_char(v_period.starts_on, 'YYYY-MM'))::text;
  END IF;
  IF p_status = 'open' OR (v_period.status, p_status) = ('closed', 'closing') THEN
    SELECT changed_by INTO v_last_by FROM public.ledger_periodchange
     WHERE period_id = p_period ORDER BY changed_at DESC, id DESC LIMIT 1;
    IF coalesce(p_reason, '') = '' OR v_last_by IS NOT DISTINCT FROM p_by THEN
      RAISE EXCEPTION 'a period is opened again by a second person and with a reason'
        USING ERRCODE = 'HM041', DETAIL = json_build_object('by', v_last_by)::text;
    END IF;
  END IF;
  INSERT INTO public.ledger_periodchange (id, period_id, was, became, reason, changed_by, changed_at)
    VALUES (uuidv7(), p_period, v_period.status, p_status, coalesce(p_reason, ''), p_by, clock_timestamp());
  RETURN QUERY UPDATE public.ledger_period SET status = p_status WHERE id = p_period RETURNING *;
END $fn$;

CREATE OR REPLACE FUNCTION public.ledger_guard_period() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
  v_year public.ledger_fiscalyear;
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM pg_advisory_xact_lock(7103, hashtext(NEW.company_id::text));
    SELECT * INTO v_year FROM public.ledger_fiscalyear WHERE id = NEW.fiscal_year_id;
    IF NEW.status <> 'open' OR v_year.company_id <> NEW.company_id
       OR NEW.starts_on < v_year.starts_on OR NEW.ends_on > v_year.ends_on
       OR EXISTS (SELECT FROM public.ledger_period WHERE company_id = NEW.company_id
                   AND starts_on <= NEW.ends_on AND ends_on >= NEW.starts_on AND id <> NEW.id) THEN
      RAISE EXCEPTION 'a new period is open, lies in its fiscal year and overlaps no other' USING ERRCODE = 'HM042';
    END IF;
    RETURN NEW;
  END IF;
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF TG_OP = 'DELETE' OR OLD.status = 'hard' OR NOT public.ledger_inside(v_stack, 'ledger_set_period')
     OR (NEW.id, NEW.company_id, NEW.fiscal_year_id, NEW.number, NEW.starts_on, NEW.ends_on)
        IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.fiscal_year_id, OLD.number, OLD.starts_on, OLD.ends_on) THEN
    RAISE EXCEPTION 'a period changes its status through public.ledger_set_period, and nothing else' USING ERRCODE = 'HM042';
  END IF;
  RETURN NEW;
END $fn$;

CREATE OR REPLACE TRIGGER ledger_period_guard BEFORE INSERT OR UPDATE OR DELETE ON public.ledger_period
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_period();
CREATE OR REPLACE TRIGGER ledger_period_not_truncated BEFORE TRUNCATE ON public.ledger_period
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE OR REPLACE TRIGGER ledger_fiscalyear_stays BEFORE UPDATE OR DELETE ON public.ledger_fiscalyear
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE OR REPLACE TRIGGER ledger_fiscalyear_not_truncated BEFORE TRUNCATE ON public.ledger_fiscalyear
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

-- Grants: the process role adds years and periods, and calls the functions that are meant for it.
DO $do$
DECLARE
  v_app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  IF v_app = current_user OR NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = v_app) THEN
    RETURN;
  END IF;
  EXECUTE pg_catalog.format('REVOKE UPDATE, DELETE, TRUNCATE ON public.ledger_period, public.ledger_fiscalyear FROM %I', v_app);
  EXECUTE pg_catalog.format('REVOKE EXECUTE ON FUNCTION public.ledger_next_number(uuid, text, smallint) FROM PUBLIC, %I', v_app);
END $do$;
