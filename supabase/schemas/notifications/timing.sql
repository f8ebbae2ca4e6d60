create function private.end_of_quiet_hours(quiet_from time, quiet_until time, time_zone text, moment timestamptz)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_local timestamp := moment at time zone time_zone;
  v_end   timestamp := v_local::date + quiet_until;
begin
  if quiet_from is null
     or (v_local::time < quiet_from and v_local::time >= quiet_until)
     or (quiet_from < quiet_until and (v_local::time < quiet_from or v_local::time >= quiet_until)) then
    return moment;
  end if;
  if v_end <= v_local then
    v_end := v_end + interval '1 day';
  end if;
  -- the clock of the wall decides: an end that summer time leaps over comes an hour later, one that comes twice
  -- counts the second time
  return v_end at time zone time_zone;
end $$;
comment on function private.end_of_quiet_hours(time, time, text, timestamptz) is
  'When something may be sent that is ready at a moment: then, or when the quiet hours it falls into end. Quiet '
  'hours are on the clock of the time zone and may reach over midnight.';

create function private.may_be_sent_at(user_id uuid, moment timestamptz)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
begin
  return coalesce(
    (select private.end_of_quiet_hours(s.quiet_from, s.quiet_until, u.time_zone, moment)
     from public.notification_settings s join public.user_settings u on u.user_id = s.user_id
     where s.user_id = may_be_sent_at.user_id), moment);
end $$;
comment on function private.may_be_sent_at(uuid, timestamptz) is
  'When something that is ready at a moment may be sent to a member.';

create function private.next_digest_at(user_id uuid, moment timestamptz)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
declare
  v_zone   text := (select s.time_zone from public.user_settings s where s.user_id = next_digest_at.user_id);
  v_local  timestamp := moment at time zone v_zone;
  v_monday timestamp := pg_catalog.date_trunc('week', v_local) + interval '8 hours';
begin
  return case when v_monday > v_local then v_monday else v_monday + interval '7 days' end at time zone v_zone;
end $$;
comment on function private.next_digest_at(uuid, timestamptz) is
  'The first Monday, 8 in the morning where the member lives, after a moment.';
