begin;
select plan(73);
select is((select count(*)::int from private.settings), 1, 'there is one row of settings');
select throws_like('insert into private.settings default values', '%"settings_pkey"%', 'and no second one');
select throws_like('insert into private.settings (is_singleton) values (false)', '%"settings_has_one_row"%', 'under no name');

select throws_like(format('update private.settings set %s', change), format('%%violates check constraint "%s"%%', name), change)
from (values
  ('reward_funding = ''bank''', 'reward_funding_is_known'),
  ('confirmation_days = 0', 'confirmation_days_is_between_1_and_365'),
  ('confirmation_days = 366', 'confirmation_days_is_between_1_and_365'),
  ('points_limit_per_creator = -1', 'points_limit_per_creator_is_not_negative'),
  ('points_limit_per_pair = -1', 'points_limit_per_pair_is_not_negative'),
  ('points_limit_days = 0', 'points_limit_days_is_between_1_and_365'),
  ('points_limit_days = 366', 'points_limit_days_is_between_1_and_365'),
  ('open_task_limit = -1', 'open_task_limit_is_not_negative'),
  ('points_limit_per_helper = -1', 'points_limit_per_helper_is_not_negative'),
  ('new_member_points_limit = -1', 'new_member_points_limit_is_not_negative'),
  ('task_limit_per_day = -1', 'task_limit_per_day_is_not_negative'),
  ('offer_limit_per_day = -1', 'offer_limit_per_day_is_not_negative'),
  ('task_change_limit_per_day = -1', 'task_change_limit_per_day_is_not_negative'),
  ('exact_place_days = 13', 'exact_place_days_is_between_14_and_3650'),
  ('exact_place_days = 3651', 'exact_place_days_is_between_14_and_3650'),
  ('contact_reveal_days = 29', 'contact_reveal_days_is_between_30_and_3650'),
  ('contact_reveal_days = 3651', 'contact_reveal_days_is_between_30_and_3650'),
  ('overdue_job_minutes = 1', 'overdue_job_minutes_is_between_2_and_1440'),
  ('overdue_job_minutes = 1441', 'overdue_job_minutes_is_between_2_and_1440'),
  ('cron_log_days = 0', 'cron_log_days_is_between_1_and_365'),
  ('cron_log_days = 366', 'cron_log_days_is_between_1_and_365'),
  ('task_archive_days = 13', 'task_archive_days_is_between_14_and_3650'),
  ('task_archive_days = 3651', 'task_archive_days_is_between_14_and_3650'),
  ('outbox_retention_days = 6', 'outbox_retention_days_is_between_7_and_3650'),
  ('outbox_retention_days = 366', 'notifications_stay_as_long_as_their_deliveries'),
  ('notification_retention_days = 29, outbox_retention_days = 7', 'notification_retention_days_is_between_30_and_3650'),
  ('notification_retention_days = 3651', 'notification_retention_days_is_between_30_and_3650'),
  ('notification_retention_days = 89', 'notifications_stay_as_long_as_their_deliveries'),
  ('suggestion_retention_days = 6', 'suggestion_retention_days_is_between_7_and_3650'),
  ('suggestion_retention_days = 3651', 'suggestion_retention_days_is_between_7_and_3650'),
  ('block_limit_per_day = -1', 'block_limit_per_day_is_not_negative'),
  ('consent_limit_per_day = -1', 'consent_limit_per_day_is_not_negative'),
  ('place_limit_per_day = -1', 'place_limit_per_day_is_not_negative'),
  ('review_limit_per_day = -1', 'review_limit_per_day_is_not_negative'),
  ('suggestion_limit_per_day = -1', 'suggestion_limit_per_day_is_not_negative'),
  ('return_limit_per_day = -1', 'return_limit_per_day_is_not_negative'),
  ('new_member_days = -1', 'new_member_days_is_between_0_and_365'),
  ('new_member_days = 366', 'new_member_days_is_between_0_and_365'),
  ('welcome_points = -1', 'welcome_points_is_between_0_and_10000'),
  ('welcome_points = 10001', 'welcome_points_is_between_0_and_10000'),
  ('partner_answer_minutes = 1', 'partner_answer_minutes_is_between_2_and_10080'),
  ('partner_answer_minutes = 10081', 'partner_answer_minutes_is_between_2_and_10080'),
  ('wrong_code_limit = 0', 'wrong_code_limit_is_between_1_and_1000'),
  ('wrong_code_limit = 1001', 'wrong_code_limit_is_between_1_and_1000'),
  ('wrong_code_minutes = 0', 'wrong_code_minutes_is_between_1_and_1440'),
  ('wrong_code_minutes = 1441', 'wrong_code_minutes_is_between_1_and_1440'),
  ('start_reminder_days = -1', 'start_reminder_days_is_between_0_and_365'),
  ('start_reminder_days = 366', 'start_reminder_days_is_between_0_and_365'),
  ('replace_grace_hours = -1', 'replace_grace_hours_is_between_0_and_720'),
  ('replace_grace_hours = 721', 'replace_grace_hours_is_between_0_and_720'),
  ('late_release_hours = -1', 'late_release_hours_is_between_0_and_720'),
  ('late_release_hours = 721', 'late_release_hours_is_between_0_and_720'),
  ('unended_task_days = 0', 'unended_task_days_is_between_1_and_365'),
  ('unended_task_days = 366', 'unended_task_days_is_between_1_and_365'),
  ('slow_query_ms = 0', 'slow_query_ms_is_between_1_and_60000'),
  ('slow_query_ms = 60001', 'slow_query_ms_is_between_1_and_60000'),
  ('monitoring_days = 6', 'monitoring_days_is_between_7_and_3650'),
  ('monitoring_days = 3651', 'monitoring_days_is_between_7_and_3650')) v (change, name);
select lives_ok('update private.settings set confirmation_days = 365, points_limit_days = 1, points_limit_per_creator = 0, points_limit_per_pair = 0, open_task_limit = 0, welcome_points = 10000',
  'the limits themselves are allowed');
select lives_ok('update private.settings set partner_answer_minutes = 10080, wrong_code_limit = 1, wrong_code_minutes = 1440', 'those of the partners too');

update private.settings set updated_at = now() - interval '1 day';
update private.settings set confirmation_days = 7;
select is((select updated_at from private.settings), now(), 'a change is stamped');
select results_eq($$ select actor_id, details from private.audit_log where action = 'settings_changed' order by id desc limit 1 $$,
  $$ values (null::uuid, '{"confirmation_days": [365, 7]}'::jsonb) $$, 'and logged: what, from what, to what');
select is((select login from private.audit_log where action = 'settings_changed' order by id desc limit 1), session_user::text, 'through which login, too');
create temporary table logged as select count(*) from private.audit_log;
update private.settings set confirmation_days = 7;
select results_eq('select count(*) from private.audit_log', 'select * from logged', 'nothing changed, nothing logged');

-- nobody but the owner
select tests.create_supabase_user('anna');
select tests.authenticate_as('anna');
select throws_ok('select * from private.settings', '42501', 'permission denied for table settings', 'a member reads no settings');
select throws_ok('update private.settings set welcome_points = 10000', '42501', 'permission denied for table settings', 'nor changes them');
select throws_ok('select * from private.audit_log', '42501', 'permission denied for table audit_log', 'a member reads no audit log');
select tests.authenticate_as_service_role();
select throws_ok('update private.settings set welcome_points = 10000', '42501', 'permission denied for table settings', 'the service role changes no settings');
select tests.clear_authentication();
select throws_ok('select * from private.settings', '42501', 'permission denied for table settings', 'anon reads none');
select tests.reset_authentication();
select results_eq('select welcome_points, confirmation_days from private.settings', $$ values (10000, 7) $$, 'they are as they were');

select * from finish();
rollback;
