-- PostgreSQL reads a date in many spellings; members and partners write moments in one, which no zone can change.
begin;
select plan(11);
select tests.use_default_settings();
select tests.create_supabase_users('anna');
create temporary table t as select tests.post_task('anna') as id;
grant select on t to authenticated;
-- whatever the server's own clock and habits are
set local timezone = 'Pacific/Auckland';
set local datestyle = 'SQL, DMY';

select is(private.read_moment(written, 'x'), moment, written)
from (values ('2026-12-24T18:00:00+01:00', timestamptz '2026-12-24 17:00:00+00'), ('2026-12-24T17:00:00Z', '2026-12-24 17:00:00+00'), ('2026-12-24T17:00Z', '2026-12-24 17:00:00+00'),
  ('2026-12-24T06:30:00.123456-10:30', '2026-12-24 17:00:00.123456+00'), ('2026-12-24T18:00:00+0100', '2026-12-24 17:00:00+00'), ('2028-02-29T18:00:00+01', '2028-02-29 17:00:00+00')) v (written, moment);
select is(private.read_moment(null, 'x'), null, 'none stays none');

create temporary table wrong (why text, written text);
insert into wrong values
  ('no offset', '2026-12-24T18:00'), ('no offset, with seconds', '2026-12-24T18:00:00'), ('no T', '2026-12-24 18:00:00+01:00'), ('a day alone', '2026-12-24'), ('a month alone', '2026-12'), ('one digit', '2026-1-1T00:00:00Z'),
  ('words', 'tomorrow'), ('more words', 'next friday'), ('now', 'now'), ('infinity', 'infinity'), ('its beginning', '-infinity'), ('epoch', 'epoch'), ('before Christ', '0044-03-15T12:00:00Z BC'), ('the year 0', '0000-01-01T00:00:00Z'),
  ('five digits of a year', '12026-01-01T00:00:00Z'), ('24 o''clock', '2026-12-24T24:00:00Z'), ('a leap second', '2026-12-31T23:59:60Z'), ('25 o''clock', '2026-12-24T25:00:00Z'), ('61 minutes', '2026-12-24T18:61:00Z'),
  ('a day that is none', '2026-02-30T00:00:00Z'), ('a leap day that is none', '2027-02-29T00:00:00Z'), ('month 13', '2026-13-01T00:00:00Z'), ('month 0', '2026-00-10T00:00:00Z'), ('a zone by its name', '2026-12-24T18:00:00 Europe/Berlin'),
  ('a zone by its letters', '2026-12-24T18:00:00 CET'), ('an offset too far', '2026-12-24T18:00:00+23:59'), ('an offset further', '2026-12-24T18:00:00+99:00'), ('a German date', '24.12.2026'), ('an American date', '12/24/2026 18:00:00+01'),
  ('a mail''s date', 'Thu, 24 Dec 2026 18:00:00 +0100'), ('a week', '2026-W52-4T18:00:00Z'), ('a day of the year', '2026-358T18:00:00Z'), ('a number', '1798131600'), ('nothing', ''), ('a space', ' '), ('a line behind', E'2026-12-24T17:00:00Z\n'),
  ('a space before', ' 2026-12-24T17:00:00Z'), ('other digits', '２０２６-12-24T17:00:00Z'), ('JSON', '{}'), ('a long text', repeat('2', 10000));
select is_empty($$ select why, result from wrong, tests.error_of(format('select private.read_moment(%L, ''at'')', written)) result where result <> 'PT400 validation_failed (at)' $$, 'every other spelling has the slug');
grant select on wrong to authenticated;

select tests.authenticate_as('anna');
select is_empty($$ select why, result from wrong, tests.error_of(format('select public.create_task(''Mow'', ''x'', ''garten'', 1, 1, 1, expires_at => %L)', written)) result
  where result <> 'PT400 validation_failed (expires_at)' $$, 'so it is at create_task');
select is_empty($$ select why, result from wrong, t, tests.error_of(format('select public.update_task(%L, expires_at => %L)', id, written)) result
  where result <> 'PT400 validation_failed (expires_at)' $$, 'and at update_task');
select is((public.update_task(id, expires_at => tests.iso(now() + interval '1 day'))).expires_at, now() + interval '1 day', 'what this database writes can be read again') from t;

select * from finish();
rollback;
