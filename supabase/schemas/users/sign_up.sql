create function private.profile_names(profile jsonb)
returns setof text
language sql immutable set search_path = ''
as $$
  with texts as (
    -- a list or an object is no name
    select pg_catalog.jsonb_object_agg(p.key, p.value) as t
    from pg_catalog.jsonb_each_text(case pg_catalog.jsonb_typeof(profile) when 'object' then profile end) p
    where pg_catalog.jsonb_typeof(profile -> p.key) in ('string', 'number'))
  select n.name
  from texts, lateral (values
    (t ->> 'name'), (t ->> 'full_name'), (t ->> 'display_name'),
    (pg_catalog.concat_ws(' ', t ->> 'given_name', t ->> 'family_name')),
    (pg_catalog.concat_ws(' ', t ->> 'first_name', t ->> 'last_name')),
    -- often an e-mail address, which is nobody else's business
    (pg_catalog.regexp_replace(t ->> 'preferred_username', '@.*$', '')),
    (pg_catalog.regexp_replace(t ->> 'user_name', '@.*$', '')),
    (t ->> 'nickname')) n (name)
$$;
comment on function private.profile_names(jsonb) is
  'What profile data of a login says about the name, best first: as apps write it, and as sign-in providers do.';

create function private.member_name(auth_user jsonb)
returns text
language sql immutable set search_path = ''
as $$
  select coalesce(
    (select n.name
     from (
       select private.trim_text(pg_catalog.left(private.trim_text(pg_catalog.regexp_replace(c.name,
         '[' || private.space_characters() || private.control_characters() || ']+', ' ', 'g')),
         private.max_name_length())) as name, c.place
       from private.profile_names(auth_user -> 'raw_user_meta_data') with ordinality c (name, place)) n
     where private.is_visible(n.name)
     order by n.place limit 1),
    'Neighbour')
$$;
comment on function private.member_name(jsonb) is
  'Display name for a new member from the login''s free-form profile data: the first usable name, cut and cleaned; '
  'Neighbour when there is none. Never raises.';

create function private.login_phone(auth_user jsonb)
returns text
language sql immutable set search_path = ''
as $$
  -- Auth keeps numbers in digits alone
  select pg_catalog.left(pg_catalog.regexp_replace(nullif(auth_user ->> 'phone', ''), '^(?=[0-9])', '+'), 50)
$$;
comment on function private.login_phone(jsonb) is
  'Phone number of a login as people write it: with a plus. Null for none.';

create function private.create_member(auth_user jsonb)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_id       uuid := auth_user ->> 'id';
  v_language text := auth_user #>> '{raw_user_meta_data,language}';
  v_zone     text := auth_user #>> '{raw_user_meta_data,time_zone}';
begin
  insert into public.users (id, name, is_email_verified, is_phone_verified)
  values (v_id, private.member_name(auth_user),
          auth_user ->> 'email_confirmed_at' is not null, auth_user ->> 'phone_confirmed_at' is not null)
  on conflict (id) do nothing;
  if found then
    insert into public.user_contacts (user_id, phone_number) values (v_id, private.login_phone(auth_user));
    if v_language is not null or v_zone is not null then
      update public.user_settings s
      set language = case when v_language = any (private.languages()) then v_language else s.language end,
          time_zone = case when v_zone <> s.time_zone then coalesce(private.time_zone_named(v_zone), s.time_zone)
            else s.time_zone end
      where s.user_id = v_id;
    end if;
  end if;
end $$;
comment on function private.create_member(jsonb) is
  'Creates the member''s rows for a login, with the name, language and time zone that its profile data tell. Profile '
  'data cannot make it fail; an id that left stays empty.';

create function private.follow_login()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_old   jsonb;
  v_new   jsonb;
  v_phone text;
begin
  -- an import makes members before their logins, and an id that left stays empty
  if tg_op = 'INSERT' and exists (select from public.users u where u.id = new.id) then
    return null;
  end if;
  v_old := case when tg_op = 'UPDATE' then to_jsonb(old) end;
  v_new := to_jsonb(new);  -- not every Auth has all columns
  v_phone := private.login_phone(v_new);
  if v_new ->> 'is_anonymous' = 'true' or v_new ->> 'deleted_at' is not null then
    return null;
  end if;
  if v_old is null or v_old ->> 'is_anonymous' = 'true' then
    perform private.create_member(v_new);
    return null;
  end if;
  -- contact data before the member, as everywhere; a number that the member typed is theirs to change
  if v_phone is distinct from private.login_phone(v_old) then
    update public.user_contacts c set phone_number = v_phone, updated_at = now()
    where c.user_id = new.id and c.phone_number is not distinct from private.login_phone(v_old);
  end if;
  update public.users u
  set is_email_verified = v_new ->> 'email_confirmed_at' is not null,
      is_phone_verified = v_new ->> 'phone_confirmed_at' is not null
  where u.id = new.id and u.is_active
    and (u.is_email_verified, u.is_phone_verified) is distinct from
        (v_new ->> 'email_confirmed_at' is not null, v_new ->> 'phone_confirmed_at' is not null);
  return null;
end $$;
comment on function private.follow_login() is
  'Trigger on auth.users: creates the member at sign-up, of an anonymous login not before it becomes permanent; keeps '
  'the verification badges and the login''s phone number current.';
create trigger member_follows_login after insert or update on auth.users
  for each row execute function private.follow_login();

create function private.create_settings()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.user_settings (user_id) select m.id from new_members m;
  return null;
end $$;
comment on function private.create_settings() is 'Trigger on users: every member has settings from the start.';
create trigger users_get_settings after insert on public.users referencing new table as new_members
  for each statement execute function private.create_settings();
