-- The proof that projection, queue and offers agree with the tasks must be able to fail: each kind of damage is named.
begin;
select plan(27);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.task_in('open', 'anna', 'ben') as open, tests.task_in('assigned', 'anna', 'ben') as assigned,
  tests.task_in('pending_confirmation', 'anna', 'ben') as waiting, tests.post_task('cem') as banned;
select ops.ban_user(tests.get_supabase_uid('cem'), 'test');
select tests.books_are_right('before the damage everything is right');

create function pg_temp.damage(command text)
returns setof text
language plpgsql
as $$
begin
  execute command;
  return query select distinct problem from ops.audit_tasks() order by 1;
  raise exception using errcode = 'TT001';  -- undo the damage
exception when sqlstate 'TT001' then
  return;
end $$;

create temporary table damages (number integer generated always as identity, why text, command text, problem text);
insert into damages (why, command, problem) values
  ('an open task that is not listed', 'delete from private.open_tasks where task_id = (select open from t)', 'open_task_not_listed'),
  ('a listed task that is not open', 'update public.tasks set status = ''cancelled'', closed_at = now() where id = (select open from t)', 'listed_task_not_open'),
  ('a listed task of a banned member', 'alter table public.users disable trigger user;
     update public.users set is_banned = true where id = tests.get_supabase_uid(''anna'');
     alter table public.users enable trigger user', 'listed_task_not_open'),
  ('another category', 'update private.open_tasks set category = ''technik'' where task_id = (select open from t)', 'listed_task_differs'),
  ('another creator', 'update private.open_tasks set creator_id = tests.get_supabase_uid(''ben'') where task_id = (select open from t)', 'listed_task_differs'),
  ('another time', 'update private.open_tasks set created_at = now() - interval ''1 day'' where task_id = (select open from t)', 'listed_task_differs'),
  ('another deadline', 'update private.open_tasks set expires_at = now() where task_id = (select open from t)', 'listed_task_differs'),
  ('another position', 'update private.open_tasks set position = point(0, 0) where task_id = (select open from t)', 'listed_task_differs'),
  ('another square', 'update private.open_tasks set square = 0 where task_id = (select open from t)', 'listed_task_differs'),
  ('another tile', 'update private.open_tasks set tile = 0 where task_id = (select open from t)', 'listed_task_differs'),
  ('another wide square', 'update private.open_tasks set wide_square = 0 where task_id = (select open from t)', 'listed_task_differs'),
  ('a category edited past the trigger', 'alter table public.tasks disable trigger tasks_are_projected;
     update public.tasks set category = ''technik'' where id = (select open from t);
     alter table public.tasks enable trigger tasks_are_projected', 'listed_task_differs'),
  ('a finished task that is not in the queue', 'delete from private.pending_confirmations where task_id = (select waiting from t)', 'finished_task_not_queued'),
  ('a finished task with another time in the queue', 'update private.pending_confirmations set finished_at = now() - interval ''1 day'' where task_id = (select waiting from t)', 'finished_task_not_queued'),
  ('a task under way that is not in the queue', 'delete from private.tasks_under_way where task_id = (select assigned from t)', 'queue_of_tasks_under_way_differs'),
  ('a task in the queue that is not under way', 'insert into private.tasks_under_way values ((select waiting from t), now())', 'queue_of_tasks_under_way_differs'),
  ('a lapse that is not counted', 'alter table public.lapses disable trigger user;
     insert into public.lapses (task_id, helper_id, kind, assigned_at) values ((select assigned from t), tests.get_supabase_uid(''ben''), ''no_show'', now());
     alter table public.lapses enable trigger user', 'lapse_totals_differ'),
  ('totals without a lapse', 'insert into private.lapse_totals (user_id, late_releases) values (tests.get_supabase_uid(''ben''), 1)', 'lapse_totals_differ'),
  ('a withdrawn no-show that still counts', 'insert into public.lapses (task_id, helper_id, kind, assigned_at) values ((select assigned from t), tests.get_supabase_uid(''ben''), ''no_show'', now());
     alter table public.lapses disable trigger user;
     update public.lapses set decision = ''withdrawn'', decision_reason = ''No'', decided_at = now() where task_id = (select assigned from t);
     alter table public.lapses enable trigger user', 'lapse_totals_differ'),
  ('a helper whose offer is not accepted', 'update public.task_offers set status = ''declined'' where task_id = (select assigned from t)', 'task_without_one_accepted_offer'),
  ('a helper without an offer', 'delete from public.task_offers where task_id = (select assigned from t)', 'task_without_one_accepted_offer'),
  ('an accepted offer of somebody else', 'update public.task_offers set helper_id = tests.get_supabase_uid(''cem'') where task_id = (select assigned from t)', 'task_without_one_accepted_offer'),
  ('an accepted offer on an open task', 'update public.task_offers set status = ''accepted'' where task_id = (select open from t)', 'task_without_one_accepted_offer');

select bag_eq(format('select pg_temp.damage(%L)', command), array[problem], why) from damages order by number;
select tests.books_are_right('afterwards everything is right again');

-- a category that is renamed in Studio is no damage
update public.categories set slug = 'pgtap-garten' where slug = 'garten';
select tests.books_are_right('a renamed category is none');
select is((select category from private.open_tasks where task_id = (select open from t)), 'pgtap-garten', 'the projection follows');

select * from finish();
rollback;
