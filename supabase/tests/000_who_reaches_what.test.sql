-- The one list of who may reach what: role by role, for every schema, table, column and function. What is not on it
-- is granted to nobody but the owner. The guards hold the catalogue to it, tests/attacks try it over HTTP, and
-- docs/security.md points here.
--
-- One object a line: `privilege object to roles`. A function stands without its arguments, and without its body: where
-- public.name runs with the caller's rights and private.name exists, whoever may call the one may call the other. A
-- single column is `update public.table.column to …`; `select public.table` is each of its columns by name, which leaves
-- out the system columns. Ask yourself who will be able to do what before you add a line.
begin;

create function tests.written_rights()
returns table (privilege text, name text, grantee text)
language sql immutable
as $$
  select pg_catalog.upper(line[1]), line[2], role
  from pg_catalog.regexp_matches($list$
-- schemas: usage alone opens nothing
usage public to PUBLIC, anon, authenticated, service_role
usage private to anon, authenticated, service_role
usage ops to service_role, app_read, app_service

-- tables and views of the API; row level security decides which rows. Hidden ratings and messages are not for the
-- secret key, which row level security does not bind
select public.categories to anon, authenticated, service_role
select public.lapses to authenticated, service_role
select public.message_settings to authenticated
select public.neighbourhoods to anon, authenticated, service_role
select public.notification_preferences to authenticated, service_role
select public.notification_settings to authenticated, service_role
select public.notification_types to anon, authenticated, service_role
select public.notifications to authenticated, service_role
select public.partners to anon, authenticated, service_role
select public.place_reviews to authenticated, service_role
select public.places to anon, authenticated, service_role
select public.point_accounts to authenticated, service_role
select public.point_transactions to authenticated, service_role
select public.preferences to authenticated, service_role
select public.ratings to authenticated
select public.redemptions to authenticated, service_role
select public.reward_stocks to anon, authenticated, service_role
select public.rewards to anon, authenticated, service_role
select public.task_events to authenticated, service_role
select public.task_offers to authenticated, service_role
select public.tasks to authenticated, service_role
select public.user_bans to authenticated, service_role
select public.user_blocks to authenticated, service_role
select public.user_contacts to authenticated, service_role
select public.user_settings to authenticated, service_role
select public.users to authenticated, service_role

-- functions of the API: members act through commands, edge functions through commands of their own
execute public.accept_offer to authenticated
execute public.add_codes to service_role
execute public.list_api_keys to service_role
execute public.create_api_key to service_role
execute public.rotate_api_key to service_role
execute public.revoke_api_key to service_role
execute public.test_webhook_endpoint to service_role
execute public.list_codes to service_role
execute public.withdraw_codes to service_role
execute public.add_place to authenticated
execute public.begin_redemption to service_role
execute public.block_user to authenticated
execute public.cancel_redemption to service_role
execute public.cancel_task to authenticated
execute public.change_reward to service_role
execute public.claim_notification_deliveries to service_role, app_service
execute public.claim_partner_requests to service_role, app_service
execute public.claim_webhook_messages to service_role, app_service
execute public.confirm_task to authenticated
execute public.connect_partner to service_role
execute public.count_unread_notifications to authenticated
execute public.count_unread_messages to authenticated
execute public.create_reward to service_role
execute public.create_task to authenticated
execute public.create_test_code to service_role
execute public.create_webhook_endpoint to service_role
execute public.decline_offer to authenticated
execute public.delete_push_subscription to authenticated
execute public.delete_message to authenticated
execute public.delete_review to authenticated
execute public.delete_webhook_endpoint to service_role
execute public.explain_trust to authenticated
execute public.finish_task to authenticated
execute public.get_api_version to anon, authenticated, service_role
execute public.is_outdated to authenticated, service_role
execute public.get_task_location to authenticated
execute public.leaderboard to authenticated
execute public.list_conversations to authenticated
execute public.list_messages to authenticated
execute public.mark_conversation_read to authenticated
execute public.list_notification_addresses to authenticated
execute public.list_notifications to authenticated
execute public.list_partner_redemptions to service_role
execute public.list_partner_rewards to service_role
execute public.list_ratings to authenticated
execute public.list_webhook_endpoints to service_role
execute public.list_webhook_messages to service_role
execute public.mark_notifications_read to authenticated
execute public.monthly_statistics to anon, authenticated
execute public.my_contact_reveals to authenticated
execute public.map_tasks to authenticated
execute public.nearby_tasks to authenticated
execute public.offer_help to authenticated
execute public.points_balance to authenticated, service_role
execute public.accepted_tasks to authenticated, service_role
execute public.finished_tasks to authenticated, service_role
execute public.rate_task to authenticated
execute public.read_metrics to service_role
execute public.read_partner to service_role
execute public.read_partner_connection to service_role
execute public.read_readiness to service_role
execute public.read_redemption to service_role
execute public.read_settlement to service_role
execute public.recommended_places to authenticated
execute public.recommended_tasks to authenticated
execute public.record_notification_deliveries to service_role, app_service
execute public.record_partner_code to service_role, app_service
execute public.record_partner_event to service_role
execute public.record_partner_failure to service_role, app_service
execute public.record_partner_refusal to service_role, app_service
execute public.record_webhook_attempts to service_role, app_service
execute public.reject_completion to authenticated
execute public.release_task to authenticated
execute public.renew_offer to authenticated
execute public.replace_helper to authenticated
execute public.contest_no_show to authenticated
execute public.replay_webhook_message to service_role
execute public.request_phone_number to authenticated
execute public.retire_reward to service_role
execute public.return_redemption to service_role
execute public.reveal_task_contact to authenticated
execute public.review_place to authenticated
execute public.rotate_webhook_secret to service_role
execute public.save_push_subscription to authenticated
execute public.search_places to anon, authenticated
execute public.search_tasks to authenticated
execute public.send_message to authenticated
execute public.set_notification_preference to authenticated
execute public.set_preference to authenticated
execute public.share_phone_number to authenticated
execute public.start_task to authenticated
execute public.suggest_helpers to authenticated
execute public.task_rules to authenticated
execute public.unblock_user to authenticated
execute public.unsubscribe_notifications to service_role
execute public.update_contact to authenticated
execute public.update_message_settings to authenticated
execute public.update_notification_settings to authenticated
execute public.update_profile to authenticated
execute public.update_settings to authenticated
execute public.update_task to authenticated
execute public.use_code to service_role
execute public.user_statistics to authenticated
execute public.verify_code to service_role
execute public.withdraw_offer to authenticated

-- what policies, and reads under them, ask
execute private.has_offered_on to authenticated
execute private.hidden_user_ids to authenticated
execute private.may_hear to authenticated
execute private.reliability to authenticated, service_role
execute private.may_see_picture to authenticated
execute private.tasks_showing to authenticated

-- operations and reporting
select ops.jobs to service_role, app_read
-- what sessions are doing is not for reporting: their statements may hold what members wrote
select ops.locks to service_role
select ops.long_transactions to service_role
select ops.activity_by_hour to service_role, app_read
select ops.alerts to service_role, app_read
select ops.bloat to service_role, app_read
select ops.cache to service_role, app_read
select ops.connections to service_role, app_read
select ops.growth to service_role, app_read
select ops.index_problems to service_role, app_read
select ops.outbox_backlog to service_role, app_read
select ops.replication to service_role, app_read
select ops.sizes to service_role, app_read
select ops.slow_queries to service_role, app_read
select ops.vacuum_debt to service_role, app_read
select ops.backups to service_role, app_read
select ops.backfills to service_role, app_read
select ops.ledger_entries to service_role
select ops.no_shows to service_role
select ops.revealed_ratings to service_role
select ops.sealing_keys to service_role, app_read
select ops.stuck_tasks to service_role
execute ops.adjust_points to service_role
execute ops.audit_all to service_role, app_read
execute ops.audit_books to service_role, app_read
execute ops.audit_erasure to service_role, app_read
execute ops.audit_messages to service_role, app_read
execute ops.audit_ratings to service_role, app_read
execute ops.audit_recommendations to service_role, app_read
execute ops.audit_search to service_role, app_read
execute ops.audit_statistics to service_role, app_read
execute ops.audit_tasks to service_role, app_read
execute ops.ban_user to service_role
execute ops.claim_jobs to service_role, app_service
execute ops.confirm_task to service_role
execute ops.create_partner_key to service_role
execute ops.decide_no_show to service_role
execute ops.enable_webhook_endpoint to service_role
execute ops.finish_job to service_role, app_service
execute ops.hold_job to service_role, app_service
execute ops.list_backups to service_role, app_read
execute ops.list_jobs to service_role, app_read, app_service
execute ops.list_activity_by_hour to service_role, app_read
execute ops.list_alerts to service_role, app_read
execute ops.list_bloat to service_role, app_read
execute ops.list_cache to service_role, app_read
execute ops.list_connections to service_role, app_read
execute ops.list_growth to service_role, app_read
execute ops.list_index_problems to service_role, app_read
execute ops.list_outbox_backlog to service_role, app_read
execute ops.list_replication to service_role, app_read
execute ops.list_sizes to service_role, app_read
execute ops.list_slow_queries to service_role, app_read
execute ops.list_vacuum_debt to service_role, app_read
execute ops.list_locks to service_role
execute ops.list_long_transactions to service_role
execute ops.list_revealed_ratings to service_role
execute ops.list_backfills to service_role, app_read
execute ops.list_sealing_keys to service_role, app_read
execute ops.list_stuck_tasks to service_role
execute ops.monthly_statistics to service_role, app_read
execute ops.rebuild_search to service_role
execute ops.rebuild_statistics to service_role
execute ops.retry_notification_deliveries to service_role
execute ops.retry_webhook_messages to service_role
execute ops.revoke_partner_key to service_role
execute ops.rotate_partner_key to service_role
execute ops.run_due_jobs to service_role, app_service
execute ops.run_job to service_role, app_service
execute ops.unban_user to service_role
$list$, '^(?!--)(\w+) (\S+) to (.+)$', 'gn') line,
    pg_catalog.unnest(pg_catalog.string_to_array(line[3], ', ')) role
$$;
comment on function tests.written_rights() is 'The list, one row per privilege, object and role.';

create function tests.allowed_rights()
returns table (privilege text, name text, grantee text)
language sql stable
as $$
  select r.privilege, r.name, r.grantee from tests.written_rights() r
  union
  select r.privilege, 'private.' || p.proname, r.grantee
  from tests.written_rights() r
  join pg_catalog.pg_proc p on r.privilege = 'EXECUTE' and r.name = 'public.' || p.proname
  where p.pronamespace = 'public'::regnamespace and not p.prosecdef
    and exists (
      select from pg_catalog.pg_proc b where b.proname = p.proname and b.pronamespace = 'private'::regnamespace)
$$;
comment on function tests.allowed_rights() is 'The list, with the bodies that belong to exposed functions.';

grant execute on all functions in schema tests to anon, authenticated, service_role;

commit;

begin;
select plan(3);

select is_empty('select privilege, name, grantee from tests.written_rights() group by 1, 2, 3 having count(*) > 1',
  'nothing stands on the list twice');
select is_empty(
  $$ select name, grantee from tests.written_rights()
     where grantee not in ('PUBLIC', 'anon', 'authenticated', 'service_role', 'app_read', 'app_service') $$,
  'the list speaks of the roles of the API, of reporting and of jobs');
select isnt_empty($$ select from tests.written_rights() where grantee = 'anon' $$, 'the list can be read');

select * from finish();
rollback;
