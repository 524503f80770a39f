-- The lines of terms share out the whole: the shares are 100 % together, or less where the last line takes the rest.

CREATE OR REPLACE FUNCTION public.terms_check() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_terms uuid[];
  v_bad text;
BEGIN
  IF TG_TABLE_NAME = 'terms_paymentterms' THEN
    v_terms := ARRAY[NEW.id];
  ELSE
    v_terms := ARRAY[CASE WHEN TG_OP <> 'INSERT' THEN OLD.terms_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.terms_id END];
  END IF;
  SELECT t.code INTO v_bad
    FROM public.terms_paymentterms t LEFT JOIN public.terms_termsline l ON l.terms_id = t.id
   WHERE t.id = ANY (v_terms) GROUP BY t.id
  HAVING count(l.id) = 0
      OR count(l.id) - count(l.share) > 1
      OR max(l.position) FILTER (WHERE l.share IS NULL) <> max(l.position)
      OR coalesce(sum(l.share), 0) > 100
      OR (coalesce(sum(l.share), 0) < 100) <> (count(l.share) < count(l.id)) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%: the shares of its lines are not the whole', v_bad USING ERRCODE = 'HM140';
  END IF;
  RETURN NULL;
END $fn$;

CREATE CONSTRAINT TRIGGER terms_have_lines AFTER INSERT ON public.terms_paymentterms
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.terms_check();
CREATE CONSTRAINT TRIGGER terms_lines_check AFTER INSERT OR UPDATE OR DELETE ON public.terms_termsline
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.terms_check();
CREATE TRIGGER terms_not_truncated BEFORE TRUNCATE ON public.terms_paymentterms
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
CREATE TRIGGER terms_lines_not_truncated BEFORE TRUNCATE ON public.terms_termsline
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();
