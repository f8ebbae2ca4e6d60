create function private.member_name(auth_user jsonb)
returns text
language sql immutable set search_path = ''
as $$
  select coalesce(
    (select c.name
     from (
       select pg_catalog.btrim(pg_catalog.left(pg_catalog.regexp_replace(
                auth_user -> 'raw_user_meta_data' ->> k.key,
                '[\s\u0001-\u001F\u007F-\u009F\u00A0\u00AD'
                 '\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\u3000\uFEFF]+', ' ', 'g'),
                private.max_name_length())) as name,
             k.position
       from (values ('name', 1), ('full_name', 2), ('display_name', 3), ('user_name', 4)) as k (key, position)
     ) c
     where pg_catalog.char_length(c.name) >= 2
     order by c.position limit 1),
    'Neighbour')
$$;
comment on function private.member_name(jsonb) is
  'Display name for a new member from the login''s free-form profile data: the first usable name, cut and cleaned; '
  'Neighbour when there is none. Never raises.';

create function private.create_member()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_auth_user jsonb := to_jsonb(new);
begin
  insert into public.users (id, name, is_email_verified, is_phone_verified)
  values (new.id, private.member_name(v_auth_user),
          v_auth_user ->> 'email_confirmed_at' is not null, v_auth_user ->> 'phone_confirmed_at' is not null)
  on conflict (id) do nothing;
  insert into public.user_contacts (user_id, phone_number)
  values (new.id, pg_catalog.left(nullif(v_auth_user ->> 'phone', ''), 50))
  on conflict (user_id) do nothing;
  return null;
end $$;
comment on function private.create_member() is
  'Trigger on auth.users: creates the member''s rows at sign-up. Profile data cannot make it fail.';
create trigger member_is_created after insert on auth.users
  for each row execute function private.create_member();

create function private.sync_verification()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_auth_user jsonb := to_jsonb(new);
begin
  update public.users u
  set is_email_verified = v_auth_user ->> 'email_confirmed_at' is not null,
      is_phone_verified = v_auth_user ->> 'phone_confirmed_at' is not null
  where u.id = new.id
    and (u.is_email_verified, u.is_phone_verified) is distinct from
        (v_auth_user ->> 'email_confirmed_at' is not null, v_auth_user ->> 'phone_confirmed_at' is not null);
  return null;
end $$;
comment on function private.sync_verification() is 'Trigger on auth.users: keeps the verification badges current.';
create trigger member_verification_is_synced after update on auth.users
  for each row execute function private.sync_verification();

create function private.create_settings()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.user_settings (user_id) values (new.id);
  return null;
end $$;
comment on function private.create_settings() is 'Trigger on users: every member has settings from the start.';
create trigger users_get_settings after insert on public.users
  for each row execute function private.create_settings();
