create function private.is_moment(value text)
returns boolean
language sql immutable set search_path = ''
as $$
  select value ~ ('^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?'
    '(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)$')
$$;
comment on function private.is_moment(text) is
  'Whether a text has the form of a moment as ISO 8601 writes it, with an offset. The calendar may not have the day.';

create function private.read_moment(value text, field text)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
begin
  -- the form first: PostgreSQL also reads tomorrow, infinity, 2026-1-1 and, without an offset, the clock of the server
  if not private.is_moment(value) then
    raise invalid_datetime_format;
  end if;
  return value::timestamptz;
exception when data_exception then
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = field,
    hint = 'Please write a moment as ISO 8601 with its offset, for example 2026-12-24T18:00:00+01:00.';
end $$;
comment on function private.read_moment(text, text) is
  'A moment as ISO 8601 writes it, with an offset; null stays null. Raises PT400 validation_failed, detail names the '
  'field.';

create function private.read_period(starts_from text, starts_until text)
returns tstzrange
language plpgsql stable set search_path = ''
as $$
declare
  v_from  timestamptz := private.read_moment(starts_from, 'starts_from');
  v_until timestamptz := private.read_moment(starts_until, 'starts_until');
begin
  if v_until <= v_from then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'starts_until',
      hint = 'The end of the period must come after its beginning.';
  end if;
  return case when pg_catalog.num_nonnulls(v_from, v_until) > 0 then pg_catalog.tstzrange(v_from, v_until) end;
end $$;
comment on function private.read_period(text, text) is
  'The period within which the tasks that are searched for start, from a moment and before another, either of them '
  'open; null for whenever. Raises like private.read_moment, and when the period is empty.';
