-- Every command of members, found in the catalogue, asks first who is calling: before it looks at any argument. Every other
-- command is for the edge functions, and refused to everybody but the secret key.
begin;
select plan(16);
select tests.create_supabase_users('anna', 'ben', 'cem');

create temporary view all_commands as
select has_function_privilege('authenticated', p.oid, 'execute') as is_for_members, p.proname::text collate "default" as name,
  format('select public.%I(%s)', p.proname,
    (select string_agg('null::' || t::regtype, ', ' order by position) from unnest(p.proargtypes::oid[]) with ordinality a (t, position))) as call
from pg_proc p
where p.pronamespace = 'public'::regnamespace and p.provolatile = 'v'
  and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e');
create temporary view commands as select name, call from all_commands where is_for_members;
create temporary view function_commands as select name, call from all_commands where not is_for_members;
grant select on commands, function_commands to authenticated, service_role, anon;
select cmp_ok((select count(*)::int from commands), '>=', 15, 'there are commands to try');
select cmp_ok((select count(*)::int from function_commands), '>=', 27, 'and commands of the edge functions');

-- a token whose member does not exist, and one without a member
select tests.authenticate_as('nobody');
select is_empty($$ select name, tests.error_of(call) from commands where tests.error_of(call) <> 'PT401 not_signed_in' $$, 'a token of nobody: not_signed_in');
select tests.act_as('authenticated', null);
select is_empty($$ select name, tests.error_of(call) from commands where tests.error_of(call) <> 'PT401 not_signed_in' $$, 'no token: not_signed_in');
select is(tests.error_of('select * from public.nearby_tasks(0, 0)'), 'PT401 not_signed_in', 'searching needs a member too');
select tests.act_as('authenticated', jsonb_build_object('sub', tests.get_supabase_uid('cem'), 'role', 'authenticated', 'is_anonymous', true));
select is_empty($$ select name, tests.error_of(call) from commands where tests.error_of(call) <> 'PT401 not_signed_in' $$, 'a token of an anonymous sign-in: not_signed_in');
select is(tests.error_of('select * from public.nearby_tasks(0, 0)'), 'PT401 not_signed_in', 'no search for it either');

-- a member who may act
select tests.authenticate_as('cem');
select is_empty($$ select name, tests.error_of(call) from function_commands where tests.error_of(call) not like '42501 permission denied for function %' $$, 'no member calls what is for the edge functions');

-- banned: may not act, but may protect themselves, and withdraw what they agreed to
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('anna');
select results_eq(
  $$ select name from commands where tests.error_of(call) <> 'PT403 user_banned' order by name collate "C" $$,
  array['block_user', 'delete_push_subscription', 'delete_review', 'mark_conversation_read', 'mark_notifications_read', 'save_push_subscription', 'set_notification_preference',
    'unblock_user', 'update_message_settings', 'update_notification_settings', 'update_settings'],
  'banned: every command is refused but those that protect the member, take something back or choose what they are told');
select lives_ok('select * from public.nearby_tasks(0, 0)', 'banned: reading goes on');

-- deleted account whose token is still valid
select tests.reset_authentication();
delete from auth.users where id = tests.get_supabase_uid('ben');
select tests.authenticate_as('ben');
select is_empty($$ select name, tests.error_of(call) from commands where tests.error_of(call) <> 'PT403 user_inactive' $$, 'deleted account: user_inactive');
select is(tests.error_of('select * from public.nearby_tasks(0, 0)'), 'PT403 user_inactive', 'deleted account: no search either');

-- the API's other roles
select tests.clear_authentication();
select is_empty($$ select name, tests.error_of(call) from commands where tests.error_of(call) not like '42501 permission denied for function %' $$, 'anon may call none');
select is_empty($$ select name, tests.error_of(call) from function_commands where tests.error_of(call) not like '42501 permission denied for function %' $$, 'nor those of the edge functions');
select tests.authenticate_as_service_role();
select is_empty($$ select name, tests.error_of(call) from commands where tests.error_of(call) not like '42501 permission denied for function %' $$,
  'nor may the service role: admins act through ops');
select is_empty($$ select name, tests.error_of(call) from function_commands where tests.error_of(call) like '42501 %' $$, 'the edge functions may call theirs');

select * from finish();
rollback;
