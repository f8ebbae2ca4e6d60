-- The constraint behind the lifecycle: status, helper and times always tell the same story, also after an edit in Studio.
begin;
select plan(3);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create temporary table t as select tests.post_task('anna') as id;

-- every combination of status, helper, completed_at and closed_at; exactly these can be stored
create temporary table combinations as
select status, has_helper, is_completed, is_closed,
  tests.error_of(format(
    $q$ update public.tasks set status = %L, helper_id = %L, completed_at = %L, closed_at = %L where id = %L $q$, status,
    case when has_helper then tests.get_supabase_uid('ben') end, case when is_completed then now() end, case when is_closed then now() end, (select id from t))) as error
from unnest('{open,assigned,in_progress,pending_confirmation,completed,cancelled,expired,archived,done}'::text[]) status,
  unnest('{true,false}'::boolean[]) has_helper, unnest('{true,false}'::boolean[]) is_completed, unnest('{true,false}'::boolean[]) is_closed;

select results_eq(
  $$ select status, has_helper, is_completed, is_closed from combinations where error = 'no error' order by status collate "C", has_helper $$,
  $$ values ('archived', true, true, false), ('assigned', true, false, false), ('cancelled', false, false, true), ('cancelled', true, false, true),
       ('completed', true, true, false), ('expired', false, false, true), ('in_progress', true, false, false), ('open', false, false, false),
       ('pending_confirmation', true, false, false) $$,
  'only facts that fit the status can be stored');
select is_empty(
  $$ select * from combinations where error <> 'no error' and error not like '23514 new row for relation "tasks" violates check constraint "status_fits_its_facts"%' $$,
  'the constraint refuses all others');
select matches(tests.error_of(format('update public.tasks set status = null where id = %L', (select id from t))), '^23502 .*"status"', 'there is always a status');

select * from finish();
rollback;
