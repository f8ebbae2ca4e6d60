create function private.note_visibility()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(coalesce(new, old));
begin
  insert into private.leaderboard_changes (user_id) values (coalesce(v_row ->> 'user_id', v_row ->> 'id')::uuid);
  return null;
end $$;
comment on function private.note_visibility() is
  'Trigger on users and user_settings: hides a member from the leaderboards at once, until the job has looked '
  'whether they may be shown.';
create trigger user_settings_note_visibility after update of show_on_leaderboard on public.user_settings
  for each row when (old.show_on_leaderboard <> new.show_on_leaderboard) execute function private.note_visibility();
create trigger user_settings_note_visible after insert on public.user_settings
  for each row when (new.show_on_leaderboard) execute function private.note_visibility();
create trigger user_settings_note_removal after delete on public.user_settings
  for each row when (old.show_on_leaderboard) execute function private.note_visibility();
create trigger users_note_visibility after update of is_banned, is_active on public.users
  for each row when (old.is_banned <> new.is_banned or old.is_active <> new.is_active)
  execute function private.note_visibility();

create function private.period_start(period text, moment timestamptz)
returns date
language plpgsql immutable set search_path = ''
as $$
begin
  if period is null or period <> all (private.leaderboard_periods()) then
    raise exception using errcode = 'PT400', message = 'period_invalid',
      detail = coalesce(pg_catalog.left(period, 100), 'null'),
      hint = 'Please choose one of ' || pg_catalog.array_to_string(private.leaderboard_periods(), ', ') || '.';
  end if;
  return case when period = 'all' then '-infinity'
    else pg_catalog.date_trunc(period, moment at time zone 'UTC')::date end;
end $$;
comment on function private.period_start(text, timestamptz) is
  'First day of the week, month or year (UTC) that a moment lies in; -infinity for all. Raises PT400 period_invalid.';
