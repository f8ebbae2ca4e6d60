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
language plpgsql stable set search_path = ''
as $$
begin
  if period is null or period <> all (private.leaderboard_periods()) then
    raise exception using errcode = 'PT400', message = 'period_invalid',
      detail = coalesce(pg_catalog.left(period, 100), 'null'),
      hint = 'Please choose one of ' || pg_catalog.array_to_string(private.leaderboard_periods(), ', ') || '.';
  end if;
  return case when period = 'all' then '-infinity' else private.community_period(period, moment) end;
end $$;
comment on function private.period_start(text, timestamptz) is
  'First day of the week, month or year (by the community''s clock) that a moment lies in; -infinity for all. Raises '
  'PT400 period_invalid.';

create function private.wait_for_statistics()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('private.count_statistics'));
  return new;
end $$;
comment on function private.wait_for_statistics() is
  'Trigger on settings: the clock changes between two runs of the job, or one would count by the old clock what lies '
  'after the change.';
create trigger settings_wait_for_statistics before update on private.settings
  for each row when (new.time_zone is distinct from old.time_zone) execute function private.wait_for_statistics();
