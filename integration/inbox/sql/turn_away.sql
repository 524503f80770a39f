-- One refusal more. The same in the same minute is counted in one row; of one minute at most 60 rows are kept apart,
-- what comes beyond is counted by its class alone; at most 10,000 rows are kept, none longer than 30 days. So a flood
-- costs a fixed room, and the process that writes here can neither change nor remove what is written.
CREATE OR REPLACE FUNCTION public.inbox_turn_away(
  door_ text, code_ text, status_ int, signed_by_ text, address_ text, contract_ text, event_ uuid, reason_ text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  now_ timestamptz := clock_timestamp();
  minute_ timestamptz := date_trunc('minute', now_);
BEGIN
  UPDATE public.inbox_refusal r SET times = r.times + 1, last_at = now_
    WHERE r.minute = minute_ AND r.door = door_ AND r.code = code_ AND r.signed_by = signed_by_
      AND r.address = address_ AND r.contract = contract_;
  IF FOUND THEN
    RETURN;
  END IF;
  IF (SELECT count(*) FROM public.inbox_refusal r WHERE r.minute = minute_) >= 60 THEN
    signed_by_ := ''; address_ := ''; contract_ := ''; event_ := NULL; reason_ := '';
  END IF;
  INSERT INTO public.inbox_refusal AS r
      (minute, door, code, status, signed_by, address, contract, event, reason, times, last_at)
    VALUES (minute_, left(door_, 10), left(code_, 40), status_, left(signed_by_, 40), left(address_, 64),
            left(contract_, 100), event_, left(reason_, 200), 1, now_)
    ON CONFLICT (minute, door, code, signed_by, address, contract)
    DO UPDATE SET times = r.times + 1, last_at = now_;
  PERFORM public.inbox_forget_refusals();
END $fn$;

CREATE OR REPLACE FUNCTION public.inbox_forget_refusals() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  gone int;
BEGIN
  DELETE FROM public.inbox_refusal WHERE minute < clock_timestamp() - interval '30 days'
    OR id <= (SELECT id FROM public.inbox_refusal ORDER BY id DESC OFFSET 10000 LIMIT 1);
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $fn$;

REVOKE ALL ON FUNCTION public.inbox_turn_away(text, text, int, text, text, text, uuid, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION public.inbox_forget_refusals() FROM PUBLIC;
DO $do$ DECLARE
  app text := regexp_replace(current_user, '_owner$', '_app');
BEGIN
  IF app <> current_user AND EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = app) THEN
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION public.inbox_turn_away(text, text, int, text, text, text, uuid, '
                              'text), public.inbox_forget_refusals() TO %I', app);
  END IF;
END $do$;
