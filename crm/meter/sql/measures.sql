-- After append_only: what was measured stays for at least thirty days; what is older goes through one door.
DROP TRIGGER meter_measure_stays ON public.meter_measure;
CREATE TRIGGER meter_measure_stays BEFORE UPDATE ON public.meter_measure
  FOR EACH ROW EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER meter_measure_kept BEFORE DELETE ON public.meter_measure
  FOR EACH ROW WHEN (OLD.day > CURRENT_DATE - 30) EXECUTE FUNCTION public.refuse_change();

CREATE OR REPLACE FUNCTION public.meter_forget(p_before date) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_gone integer;
BEGIN
  DELETE FROM public.meter_measure WHERE day < LEAST(p_before, CURRENT_DATE - 30);
  GET DIAGNOSTICS v_gone = ROW_COUNT;
  RETURN v_gone;
END $fn$;
