-- Written by npm run db:build: takes the room partners out again. DELETES what is in public.partners, private.partner_contacts, private.partner_api_keys, private.partner_connections: take a backup first.

drop function public.revoke_api_key;
drop function public.rotate_api_key;
drop function public.create_api_key;
drop function public.list_api_keys;
drop function private.require_grantable;
drop function private.own_api_key;
drop function private.api_key_json;
drop function ops.revoke_partner_key;
drop function ops.rotate_partner_key;
drop function ops.create_partner_key;
drop function private.count_wrong_code;
drop function private.guard_wrong_codes;
drop function private.require_partner;
drop function private.sandbox_scopes;
drop function private.partner_scopes;
drop function public.read_partner_connection;
drop function public.connect_partner;
drop function public.read_partner;
drop function private.secrets_after_rotation;
drop function private.valid_secrets;
drop table private.partner_connections;
drop table private.partner_api_keys;
drop table private.partner_contacts;
drop trigger partners_set_updated_at on public.partners;
drop table public.partners;
alter table private.settings drop column wrong_code_limit;
alter table private.settings drop column wrong_code_minutes;
