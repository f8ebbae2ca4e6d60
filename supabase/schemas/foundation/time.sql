create table private.community_clocks (
  since     timestamptz primary key,
  time_zone text not null,
  first_day date not null
);

comment on table private.community_clocks is
  'Which time zone the community lived by since when. Every day, and so every week, month and year, follows from it: '
  'what was settled, counted or shown stays in its month when settings.time_zone changes, which alone writes here.';
comment on column private.community_clocks.since is
  'When the setting changed; the first one holds since ever.';
comment on column private.community_clocks.time_zone is 'The setting from then on.';
comment on column private.community_clocks.first_day is
  'The day that had begun by then. No day begins twice: it lasts until it has ended by the new clock, too.';

alter table private.community_clocks enable row level security;

insert into private.community_clocks (since, time_zone, first_day)
values ('-infinity', private.default_time_zone(), '-infinity');

create function private.community_day(moment timestamptz)
returns date
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select greatest(c.first_day, (moment at time zone c.time_zone)::date)
    from private.community_clocks c where c.since <= moment order by c.since desc limit 1);
end $$;
comment on function private.community_day(timestamptz) is
  'The day a moment lies in, by the clock that the community had then. Never goes back.';

create function private.community_period(period text, moment timestamptz)
returns date
language plpgsql stable set search_path = ''
as $$
begin
  return pg_catalog.date_trunc(period, private.community_day(moment)::timestamp)::date;
end $$;
comment on function private.community_period(text, timestamptz) is
  'First day of the day, week (from Monday), month or year that a moment lies in, by the community''s clock.';

create function private.day_begins_at(day date)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select min(b.moment)
    from (select k.*, lead(k.since) over (order by k.since) as until from private.community_clocks k) c
    cross join lateral (select day::timestamp at time zone c.time_zone as moment) m
    cross join lateral (
      select case
        when day <= c.first_day then c.since
        -- a clock that goes back over midnight strikes it twice, of which PostgreSQL takes the second
        when ((m.moment - interval '1 hour') at time zone c.time_zone)::date = day
          then greatest(c.since, m.moment - interval '1 hour')
        else greatest(c.since, m.moment) end as moment) b
    where day is not null and (c.until is null or b.moment < c.until));
end $$;
comment on function private.day_begins_at(date) is
  'The first moment of a day by the community''s clock: the inverse of private.community_day. What lies from the '
  'beginning of one day to that of another can be read by an index on the moment.';

create function private.time_zone_named(name text)
returns text
language plpgsql stable set search_path = ''
as $$
begin
  -- the list alone: behind any word PostgreSQL also reads rules such as Europe/Berlin-2, and before it abbreviations
  return (
    select z.name from pg_catalog.pg_timezone_names z
    where pg_catalog.lower(z.name) = pg_catalog.lower(time_zone_named.name)
      and z.name ~ '^UTC$|/' and z.name !~ '^(posix|right)/');
end $$;
comment on function private.time_zone_named(text) is
  'A time zone as the list spells it; null for what is no name of one. Reading the list takes some 30 ms.';

create function private.check_time_zone()
returns trigger
language plpgsql set search_path = ''
as $$
declare
  v_name text := private.time_zone_named(new.time_zone);
begin
  if v_name is null then
    raise exception using errcode = 'PT400', message = 'time_zone_invalid',
      detail = coalesce(pg_catalog.left(new.time_zone, 100), 'null'),
      hint = 'Please name a time zone such as Europe/Berlin.';
  end if;
  new.time_zone := v_name;
  return new;
end $$;
comment on function private.check_time_zone() is
  'Trigger on settings and user_settings: refuses what is no name of a time zone, and spells the others as the list '
  'does. Raises PT400 time_zone_invalid.';
create trigger settings_check_time_zone before update on private.settings
  for each row when (new.time_zone is distinct from old.time_zone) execute function private.check_time_zone();

create function private.change_clock()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  -- not now(): what was decided while this transaction waited for others was decided by the old clock
  v_since timestamptz := pg_catalog.clock_timestamp();
begin
  insert into private.community_clocks (since, time_zone, first_day)
  values (v_since, new.time_zone, private.community_day(v_since));
  return null;
end $$;
comment on function private.change_clock() is
  'Trigger on settings: from here on days begin by another clock; those that have begun stay as they are.';
create trigger settings_change_clock after update on private.settings
  for each row when (new.time_zone <> old.time_zone) execute function private.change_clock();
