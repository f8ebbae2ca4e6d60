create function private.require_argument(is_good boolean, argument text)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if is_good is not true then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = argument,
      hint = 'The argument that the detail names is missing or malformed.';
  end if;
end $$;
comment on function private.require_argument(boolean, text) is
  'Raises PT400 validation_failed, detail names the argument, unless it is good. For what '
  'callers check before, or always send.';
