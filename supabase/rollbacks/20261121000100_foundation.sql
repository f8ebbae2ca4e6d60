-- Rollback of foundation. DELETES the settings and the audit log. Take a backup first.
-- What may have been there before stays: the schema extensions with PostGIS, the role app_read, usage on public and extensions.

drop function public.get_api_version;

drop table private.audit_log;
drop table private.settings;

drop function private.check_paths;
drop function private.check_coordinates;
drop function private.clean_optional_text;
drop function private.clean_text;
drop function private.refuse_change;
drop function private.set_updated_at;

drop schema ops;
drop schema private;

-- The defaults of projects created before 2026. Newer projects start without the last three: leave them out there.
alter default privileges grant execute on functions to public;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
