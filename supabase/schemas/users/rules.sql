-- reading the list takes some 30 ms, which a sign-up with the usual zone does not wait for
create trigger user_settings_check_time_zone before insert on public.user_settings
  for each row when (new.time_zone is distinct from private.default_time_zone())
  execute function private.check_time_zone();
create trigger user_settings_check_changed_time_zone before update of time_zone on public.user_settings
  for each row when (new.time_zone is distinct from old.time_zone) execute function private.check_time_zone();

create function private.find_neighbourhood()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- most homes are unknown
  new.neighbourhood_id := case when new.latitude is not null then
    private.neighbourhood_at(new.latitude, new.longitude) end;
  return new;
end $$;
comment on function private.find_neighbourhood() is
  'Trigger on user_contacts: a member belongs to the neighbourhood their home lies in.';
create trigger user_contacts_find_neighbourhood before insert
  or update of latitude, longitude, neighbourhood_id on public.user_contacts
  for each row execute function private.find_neighbourhood();

create function private.find_members_of_neighbourhood()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- the trigger on user_contacts looks again
  update public.user_contacts c set neighbourhood_id = null
  where c.neighbourhood_id = old.id
     or extensions.st_intersects(new.area, c.home_location::extensions.geometry);
  return null;
end $$;
comment on function private.find_members_of_neighbourhood() is
  'Trigger on neighbourhoods: when an area is drawn, redrawn or removed, homes in it find their neighbourhood again. '
  'Reads every home; areas change rarely.';
create trigger neighbourhoods_find_members after insert or update of area or delete on public.neighbourhoods
  for each row execute function private.find_members_of_neighbourhood();

create function private.apply_ban()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.is_banned then
    insert into public.user_bans (user_id) values (new.id) on conflict (user_id) where lifted_at is null do nothing;
  else
    update public.user_bans set lifted_at = now() where user_id = new.id and lifted_at is null;
  end if;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values ((select auth.uid()), case when new.is_banned then 'banned' else 'unbanned' end, new.id,
    (select pg_catalog.jsonb_build_object('reason', b.reason) from public.user_bans b
     where b.user_id = new.id and b.lifted_at is null and b.reason is not null));
  return null;
end $$;
comment on function private.apply_ban() is
  'Trigger on users: keeps user_bans and the audit log complete, also when an admin edits is_banned in Studio.';
create trigger users_apply_ban after update of is_banned on public.users
  for each row when (old.is_banned <> new.is_banned) execute function private.apply_ban();
