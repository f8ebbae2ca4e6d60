create function public.get_api_version()
returns text
language sql immutable set search_path = ''
as $$ select '0.1.0'::text $$;
comment on function public.get_api_version() is
  'Version of the database API (semantic version). Callable by everyone, also anonymously.';
grant execute on function public.get_api_version() to anon, authenticated, service_role;
