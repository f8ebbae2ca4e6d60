-- Written by npm run db:build: takes the room foundation out again. DELETES what is in private.audit_log, private.jobs, private.settings, private.community_clocks: take a backup first.

drop function public.get_api_version;
do $$
begin
  alter role authenticator reset idle_in_transaction_session_timeout;
exception when insufficient_privilege or undefined_object then
  raise warning 'the role that migrates may not reset idle_in_transaction_session_timeout of authenticator';
end $$;
drop trigger settings_change_clock on private.settings;
drop function private.change_clock;
drop trigger settings_check_time_zone on private.settings;
drop function private.check_time_zone;
drop function private.time_zone_named;
drop function private.day_begins_at;
drop function private.community_period;
drop function private.community_day;
drop table private.community_clocks;
drop trigger settings_are_logged on private.settings;
drop function private.log_settings;
drop trigger settings_set_updated_at on private.settings;
drop table private.settings;
drop function private.decode_cursor;
drop function private.encode_cursor;
drop function private.as_page;
drop function private.clamp_page_size;
drop function private.check_daily_limit;
drop table private.jobs;
drop trigger audit_log_is_not_truncated on private.audit_log;
drop trigger audit_log_is_append_only on private.audit_log;
drop table private.audit_log;
drop function private.require_argument;
drop function private.default_time_zone;
drop function private.max_page_size;
drop function private.default_page_size;
drop function private.refuse_change;
drop function private.set_updated_at;
drop procedure private.keep_no_statistics;
drop procedure private.grant_columns;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges grant execute on functions to public;
drop schema ops;
drop schema private;
