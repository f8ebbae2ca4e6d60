create function private.read_moment(value text, field text)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
begin
  -- the form first: PostgreSQL also reads tomorrow, infinity, 2026-1-1 and, without an offset, the clock of the server
  if value !~ ('^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?'
      '(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)$') then
    raise invalid_datetime_format;
  end if;
  return value::timestamptz;
exception when data_exception then  -- or a day that the calendar does not have
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = field,
    hint = 'Please write a moment as ISO 8601 with its offset, for example 2026-12-24T18:00:00+01:00.';
end $$;
comment on function private.read_moment(text, text) is
  'A moment as ISO 8601 writes it with an offset; null stays null. Raises PT400 validation_failed, detail names the '
  'field.';

create function private.read_time_of_day(value text, slug text)
returns time
language plpgsql immutable set search_path = ''
as $$
begin
  if value !~ '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$' then
    raise exception using errcode = 'PT400', message = slug,
      hint = 'Please write a time of day from 00:00 to 23:59, for example 22:30.';
  end if;
  return value::time;
end $$;
comment on function private.read_time_of_day(text, text) is
  'A time of day as a clock shows it; null stays null. Raises PT400 with the given slug.';
