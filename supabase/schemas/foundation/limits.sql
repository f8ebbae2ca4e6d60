create function private.check_daily_limit(count bigint, daily_limit integer, slug text)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if count >= daily_limit then
    raise exception using errcode = 'PT429', message = slug, detail = daily_limit::text,
      hint = 'You have done this as often as is allowed in 24 hours.';
  end if;
end $$;
comment on function private.check_daily_limit(bigint, integer, text) is
  'Raises PT429 with this slug when something was done as often as is allowed in a day.';
