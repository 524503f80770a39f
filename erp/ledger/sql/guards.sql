-- The second belt: what must hold even if the posting function were wrong, or somebody writes by hand as the owner.

-- I3: rows come from the posting function only.  The call stack tells; it cannot be pretended by a setting.
CREATE OR REPLACE FUNCTION public.ledger_inside(stack text, names text) RETURNS boolean LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp AS $fn$
  SELECT stack ~ ('function (public\.)?(' || names || ')\(');
$fn$;

CREATE OR REPLACE FUNCTION public.ledger_guard_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
  v_journal public.ledger_journal;
  v_period public.ledger_period;
  v_original public.ledger_journalentry;
  v_last integer;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF NOT public.ledger_inside(v_stack, 'ledger_post') THEN
    RAISE EXCEPTION 'entries are written by public.ledger_post only' USING ERRCODE = 'HM035';
  END IF;
  NEW.transaction := pg_current_xact_id()::text::bigint;
  SELECT * INTO v_journal FROM public.ledger_journal WHERE id = NEW.journal_id;
  v_period := public.ledger_open_period(NEW.company_id, NEW.date, v_journal.code);
  IF v_journal.company_id <> NEW.company_id OR v_period.id <> NEW.period_id OR v_journal.prefix <> NEW.series
     OR NEW.year <> (SELECT year FROM public.ledger_fiscalyear WHERE id = v_period.fiscal_year_id) THEN
    RAISE EXCEPTION 'journal, period, series and company of the entry do not belong together' USING ERRCODE = 'HM036';
  END IF;
  SELECT last INTO v_last FROM public.ledger_series
   WHERE company_id = NEW.company_id AND code = NEW.series AND year = NEW.year;
  IF v_last IS DISTINCT FROM NEW.sequence OR NEW.number NOT LIKE '%-' || lpad(NEW.sequence::text, greatest(6, length(NEW.sequence::text)), '0') THEN
    RAISE EXCEPTION 'the number % is not the next one of its series', NEW.number USING ERRCODE = 'HM037';
  END IF;
  IF NEW.reverses_id IS NOT NULL THEN
    SELECT * INTO v_original FROM public.ledger_journalentry WHERE id = NEW.reverses_id;
    PERFORM public.ledger_check_reversal(v_original, NEW.reverses_id, NEW.date);
    IF v_original.company_id <> NEW.company_id THEN
      RAISE EXCEPTION 'an entry is reversed in its own company' USING ERRCODE = 'HM036';
    END IF;
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER ledger_entry_guard BEFORE INSERT ON public.ledger_journalentry
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_entry();

-- Once per statement, however many lines it brings.
CREATE OR REPLACE FUNCTION public.ledger_guard_lines() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_stack text;
  v_bad record;
BEGIN
  GET DIAGNOSTICS v_stack = PG_CONTEXT;
  IF NOT public.ledger_inside(v_stack, 'ledger_post') THEN
    RAISE EXCEPTION 'lines are written by public.ledger_post only' USING ERRCODE = 'HM035';
  END IF;
  SELECT l.position,
         e.transaction <> pg_current_xact_id()::text::bigint AS late,
         a.company_id <> e.company_id OR l.date <> e.date AS foreign_line,
         NOT a.active OR a.is_group AS shut,
         (l.debit < 0 OR l.credit < 0) AND e.reverses_id IS NULL AS negative,
         scale(trim_scale(l.debit + l.credit)) > c.currency_digits AS fine,
         a.code
    INTO v_bad
    FROM added l
    JOIN public.ledger_journalentry e ON e.id = l.entry_id
    JOIN public.ledger_account a ON a.id = l.account_id
    JOIN public.ledger_company c ON c.id = e.company_id
   WHERE e.transaction <> pg_current_xact_id()::text::bigint OR a.company_id <> e.company_id OR l.date <> e.date
      OR NOT a.active OR a.is_group OR ((l.debit < 0 OR l.credit < 0) AND e.reverses_id IS NULL)
      OR scale(trim_scale(l.debit + l.credit)) > c.currency_digits
   LIMIT 1;
  IF NOT FOUND THEN
    RETURN NULL;
  ELSIF v_bad.late THEN
    RAISE EXCEPTION 'the entry stands since an earlier transaction: no line joins it now' USING ERRCODE = 'HM036';
  ELSIF v_bad.foreign_line THEN
    RAISE EXCEPTION 'line %: company or date differ from the entry''s', v_bad.position USING ERRCODE = 'HM036';
  ELSIF v_bad.shut THEN
    RAISE EXCEPTION 'line %: account % takes no entries', v_bad.position, v_bad.code
      USING ERRCODE = 'HM026', DETAIL = json_build_object('line', v_bad.position, 'account', v_bad.code)::text;
  ELSIF v_bad.negative THEN
    RAISE EXCEPTION 'line %: negative amounts are for reversals only', v_bad.position
      USING ERRCODE = 'HM027', DETAIL = json_build_object('line', v_bad.position)::text;
  END IF;
  RAISE EXCEPTION 'line %: finer than the currency', v_bad.position
    USING ERRCODE = 'HM028', DETAIL = json_build_object('line', v_bad.position)::text;
END $fn$;

CREATE TRIGGER ledger_lines_guard AFTER INSERT ON public.ledger_journalline
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_guard_lines();

-- I2 and I4, once per entry, at COMMIT: balanced, at least two lines, a reversal mirrors its original line by line.
CREATE OR REPLACE FUNCTION public.ledger_check_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
DECLARE
  v_sums record;
BEGIN
  SELECT count(*) AS lines, coalesce(sum(debit), 0) AS debit, coalesce(sum(credit), 0) AS credit INTO v_sums
    FROM public.ledger_journalline WHERE entry_id = NEW.id;
  IF v_sums.lines < 2 THEN
    RAISE EXCEPTION '% has % lines; an entry has at least two', NEW.number, v_sums.lines
      USING ERRCODE = 'HM022', DETAIL = json_build_object('lines', v_sums.lines)::text;
  ELSIF v_sums.debit <> v_sums.credit OR v_sums.debit <> NEW.total THEN
    RAISE EXCEPTION '%: debits % and credits % differ', NEW.number, v_sums.debit, v_sums.credit
      USING ERRCODE = 'HM021', DETAIL = json_build_object('debit', v_sums.debit, 'credit', v_sums.credit,
                                                          'difference', v_sums.debit - v_sums.credit)::text;
  END IF;
  IF NEW.reverses_id IS NOT NULL AND EXISTS (
    SELECT FROM (SELECT * FROM public.ledger_journalline WHERE entry_id = NEW.id) l
    FULL JOIN (SELECT * FROM public.ledger_journalline WHERE entry_id = NEW.reverses_id) o USING (position)
    WHERE (l.account_id, l.party, l.tax_code, l.currency, l.debit - l.credit, l.foreign_amount)
          IS DISTINCT FROM (o.account_id, o.party, o.tax_code, o.currency, o.credit - o.debit, -o.foreign_amount)
  ) THEN
    RAISE EXCEPTION '% does not mirror what it reverses', NEW.number USING ERRCODE = 'HM039';
  END IF;
  RETURN NULL;
END $fn$;

CREATE CONSTRAINT TRIGGER ledger_entry_check AFTER INSERT ON public.ledger_journalentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.ledger_check_entry();

-- I6: a counter moves by one, and every number it gives out belongs to an entry when the transaction commits.
CREATE OR REPLACE FUNCTION public.ledger_guard_series() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.last = 1 THEN
    RETURN NEW;
  ELSIF TG_OP = 'UPDATE' AND NEW.last = OLD.last + 1
        AND (NEW.id, NEW.company_id, NEW.code, NEW.year) = (OLD.id, OLD.company_id, OLD.code, OLD.year) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a counter moves by one and never back' USING ERRCODE = 'HM037';
END $fn$;

CREATE TRIGGER ledger_series_guard BEFORE INSERT OR UPDATE OR DELETE ON public.ledger_series
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_series();
CREATE TRIGGER ledger_series_not_truncated BEFORE TRUNCATE ON public.ledger_series
  FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE CONSTRAINT TRIGGER ledger_series_check AFTER INSERT OR UPDATE ON public.ledger_series
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.ledger_check_series();

-- What entries rest on does not change under them.
CREATE OR REPLACE FUNCTION public.ledger_guard_account() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF (NEW.id, NEW.company_id, NEW.type, NEW.is_group) IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.type, OLD.is_group)
     AND EXISTS (SELECT FROM public.ledger_journalline WHERE account_id = OLD.id) THEN
    RAISE EXCEPTION 'account % has entries: its company and type stay', OLD.code
      USING ERRCODE = 'HM038', DETAIL = json_build_object('what', OLD.code)::text;
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER ledger_account_guard BEFORE UPDATE ON public.ledger_account
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_account();

CREATE OR REPLACE FUNCTION public.ledger_guard_journal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF (NEW.id, NEW.company_id, NEW.code, NEW.prefix) IS DISTINCT FROM (OLD.id, OLD.company_id, OLD.code, OLD.prefix)
     AND EXISTS (SELECT FROM public.ledger_journalentry WHERE journal_id = OLD.id) THEN
    RAISE EXCEPTION 'journal % has entries: its code and prefix stay', OLD.code
      USING ERRCODE = 'HM038', DETAIL = json_build_object('what', OLD.code)::text;
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER ledger_journal_guard BEFORE UPDATE ON public.ledger_journal
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_journal();

CREATE OR REPLACE FUNCTION public.ledger_guard_company() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $fn$
BEGIN
  IF (NEW.id, NEW.base_currency, NEW.currency_digits)
       IS DISTINCT FROM (OLD.id, OLD.base_currency, OLD.currency_digits)
     AND EXISTS (SELECT FROM public.ledger_journalentry WHERE company_id = OLD.id) THEN
    RAISE EXCEPTION 'company % has entries: its currency stays', OLD.code
      USING ERRCODE = 'HM038', DETAIL = json_build_object('what', OLD.code)::text;
  END IF;
  RETURN NEW;
END $fn$;

CREATE TRIGGER ledger_company_guard BEFORE UPDATE ON public.ledger_company
  FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_company();
