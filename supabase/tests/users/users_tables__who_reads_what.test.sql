-- users, user_contacts, user_blocks, user_bans: what each actor reads. That nobody writes: guards/tables__are_written_by_commands_only.
begin;
select plan(24);
select tests.create_supabase_users('anna', 'ben', 'cem');
select tests.authenticate_as('anna');
select public.update_contact('+49 30 123456', 'Sea Lane 1', 52.5, 13.4);
select public.block_user(tests.get_supabase_uid('ben'));
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('cem'), 'Rude messages.');

create function pg_temp.mine(relation text, id_column text)
returns setof text
language plpgsql
as $$
begin
  -- rows of the three test members only: the database may hold others
  return query execute format(
    $q$ select m.name from unnest('{anna,ben,cem}'::text[]) m (name) join %s r on r.%I = tests.get_supabase_uid(m.name) order by 1 $q$, relation, id_column);
end $$;
grant execute on function pg_temp.mine(text, text) to public;

-- anna, a member
select tests.authenticate_as('anna');
select results_eq($$ select * from pg_temp.mine('public.users', 'id') $$, array['anna', 'ben', 'cem'], 'a member reads every profile');
select results_eq($$ select * from pg_temp.mine('public.user_contacts', 'user_id') $$, array['anna'], 'a member reads the own contact data only');
select is((select count(*)::int from public.user_contacts), 1, 'whoever else there is');
select is_empty($$ select * from public.user_contacts where user_id <> tests.get_supabase_uid('anna') and longitude between -180 and 180 $$, 'no filter reaches another home');
select results_eq($$ select * from pg_temp.mine('public.user_blocks', 'blocked_id') $$, array['ben'], 'the blocker reads the block');
select is_empty('select * from public.user_bans', 'nobody reads the bans of others');

-- ben, whom anna blocks
select tests.authenticate_as('ben');
select results_eq($$ select * from pg_temp.mine('public.users', 'id') $$, array['anna', 'ben', 'cem'], 'a blocked member reads profiles');
select results_eq($$ select * from pg_temp.mine('public.user_contacts', 'user_id') $$, array['ben'], 'and the own contact data');
select is_empty('select * from public.user_blocks', 'and no block against them');

-- cem, who is banned
select tests.authenticate_as('cem');
select results_eq($$ select * from pg_temp.mine('public.users', 'id') $$, array['anna', 'ben', 'cem'], 'a banned member reads profiles');
select results_eq($$ select * from pg_temp.mine('public.user_contacts', 'user_id') $$, array['cem'], 'and the own contact data');
select results_eq('select user_id, reason from public.user_bans', $$ values (tests.get_supabase_uid('cem'), 'Rude messages.') $$, 'and the reason of the ban');
select is_empty('select * from public.user_blocks', 'and no block of others');

-- a token without a member
select tests.act_as('authenticated', null);
select is_empty('select * from public.user_contacts', 'without a member id: no contact data');
select is_empty('select * from public.user_blocks', 'no blocks');
select is_empty('select * from public.user_bans', 'no bans');

-- service role: reads all, writes nothing
select tests.authenticate_as_service_role();
select results_eq($$ select * from pg_temp.mine('public.users', 'id') $$, array['anna', 'ben', 'cem'], 'the service role reads every profile');
select results_eq($$ select * from pg_temp.mine('public.user_contacts', 'user_id') $$, array['anna', 'ben', 'cem'], 'and all contact data');
select results_eq($$ select * from pg_temp.mine('public.user_blocks', 'blocker_id') $$, array['anna'], 'and all blocks');
select results_eq($$ select * from pg_temp.mine('public.user_bans', 'user_id') $$, array['cem'], 'and all bans');

-- anonymous
select tests.clear_authentication();
select throws_ok('select * from public.users', '42501', 'permission denied for table users', 'anon reads no profiles');
select throws_ok('select * from public.user_contacts', '42501', 'permission denied for table user_contacts', 'no contact data');
select throws_ok('select * from public.user_blocks', '42501', 'permission denied for table user_blocks', 'no blocks');
select throws_ok('select * from public.user_bans', '42501', 'permission denied for table user_bans', 'no bans');

select * from finish();
rollback;
