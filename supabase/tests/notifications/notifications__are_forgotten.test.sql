-- The job forget_notifications: read or not, notifications go so many days after they came, and after their deliveries.
begin;
select plan(12);
select tests.use_default_settings();
-- whatever else the database holds is older work
delete from private.notification_deliveries;
delete from public.notifications;
select tests.create_supabase_users('anna', 'ben');
create function pg_temp.notification(member text, age interval, is_read boolean default true) returns bigint language sql as $$
  insert into public.notifications (user_id, type, created_at, queued_at, read_at)
  values (tests.get_supabase_uid(member), 'offer_accepted', now() - age, now() - age, case when is_read then now() - age end) returning id $$;
create function pg_temp.job(as_of timestamptz default now(), batch integer default 1000) returns text language sql as $$
  select processed || ' ' || failed from private.forget_notifications(as_of, batch) $$;
create temporary table n as
select name, pg_temp.notification(member, age, is_read) as id
from (values ('read', 'anna', interval '365 days', true), ('unread', 'anna', interval '365 days', false), ('later', 'anna', interval '364 days', true),
  ('of ben', 'ben', interval '365 days', true)) v (name, member, age, is_read);
create function pg_temp.left_() returns text language sql as $$ select string_agg(n.name, ' ' order by n.name) from n join public.notifications p using (id) $$;
select is(pg_temp.job(), '0 0', 'for 365 days notifications stay');
select is(pg_temp.job(now() + interval '1 second', 2), '2 0', 'a second later they go, a batch at a time');
select is(pg_temp.job(now() + interval '1 second', 2), '1 0', 'then the rest');
select is(pg_temp.left_(), 'later', 'read or not, of every member');
select is(pg_temp.job(now() + interval '1 second'), '0 0', 'once');

-- what was not queued yet has told nobody: it is queued first, and its days begin then
insert into public.notifications (user_id, type, created_at) values (tests.get_supabase_uid('ben'), 'offer_accepted', now() - interval '500 days');
select is(pg_temp.job(), '0 0', 'what nobody was told of yet stays');
select private.queue_notifications(now(), 1000);
select isnt((select queued_at from public.notifications where user_id = tests.get_supabase_uid('ben')), null, 'it was queued');

-- its deliveries go first
select tests.clear_outbox();
insert into private.notification_deliveries (user_id, notification_id, channel, status, created_at)
select tests.get_supabase_uid('anna'), id, 'email', 'dead', now() from n where name = 'later';
select is(pg_temp.job(now() + interval '2 days'), '0 0', 'what still has a delivery waits for it');
delete from private.notification_deliveries;
select is(pg_temp.job(now() + interval '2 days'), '1 0', 'and goes after it');

-- by the setting
insert into n select 'young', pg_temp.notification('anna', interval '90 days');
select is(pg_temp.job(now() + interval '1 second'), '0 0', 'another age is none of its business');
update private.settings set notification_retention_days = 90;
select is(pg_temp.job(now() + interval '1 second'), '1 0', 'until the setting says so');
select is((select count(*)::int from ops.run_due_jobs(now()) where job = 'forget_notifications'), 1, 'ops.run_due_jobs does it');

select * from finish();
rollback;
