-- Whoever calls a command again and again: which setting stops it, or why nothing has to. Every command is here.
begin;
select plan(5);
create temporary table limits (command text, setting text, reason text);
insert into limits (command, setting) values
  ('add_place', 'place_limit_per_day'),
  ('block_user', 'block_limit_per_day'),
  ('create_task', 'task_limit_per_day'),
  ('offer_help', 'offer_limit_per_day'),
  ('reject_completion', 'task_change_limit_per_day'),
  ('renew_offer', 'offer_limit_per_day'),
  ('return_redemption', 'return_limit_per_day'),
  ('send_message', 'message_limit_per_hour'),
  ('review_place', 'review_limit_per_day'),
  ('suggest_helpers', 'suggestion_limit_per_day'),
  ('update_settings', 'consent_limit_per_day'),
  ('update_task', 'task_change_limit_per_day');
insert into limits (command, reason) values
  ('accept_offer', 'Takes an offer each time, and those are limited; the helper has to offer again after stepping back.'),
  ('begin_redemption', 'Takes points each time; what gives them back is limited.'),
  ('cancel_task', 'Once for each task, and those are limited.'),
  ('confirm_task', 'Once for each task.'),
  ('contest_no_show', 'Once for each no-show.'),
  ('decline_offer', 'Once for each offer: it is final.'),
  ('delete_message', 'Once for each message, and those are limited.'),
  ('delete_push_subscription', 'Own devices only, of which at most 10 are kept.'),
  ('delete_review', 'Takes a review each time, and those are limited.'),
  ('finish_task', 'Once after each acceptance or rejection, and both are limited.'),
  ('mark_conversation_read', 'Own unread messages only; what is read stays read.'),
  ('mark_notifications_read', 'Own inbox only; what is read stays read.'),
  ('rate_task', 'One row for each task, which nobody else sees before it is final.'),
  ('release_task', 'Once after each acceptance.'),
  ('replace_helper', 'Once after each acceptance, and only of a helper who is overdue.'),
  ('request_phone_number', 'Once for each task and member.'),
  ('reveal_task_contact', 'Own tasks only, shows the same each time and notes it once an hour.'),
  ('save_push_subscription', 'Own devices only, of which at most 10 are kept; deliveries to them share the places of the outbox.'),
  ('set_notification_preference', 'Own choices only, one row for each type and channel.'),
  ('set_preference', 'Own choices only, one row for each category.'),
  ('share_phone_number', 'Once for each task and member.'),
  ('start_task', 'Once after each acceptance.'),
  ('unblock_user', 'Takes a block each time, and those are limited.'),
  ('unsubscribe_notifications', 'Own choices only, one row for each type and channel; needs a signed link.'),
  ('update_contact', 'One row, which nobody else reads.'),
  ('update_message_settings', 'One row, which nobody is told of.'),
  ('update_notification_settings', 'One row, which nobody else reads.'),
  ('update_profile', 'One row, which nobody is told of.'),
  ('withdraw_offer', 'Takes an offer each time, and those are limited.');

-- what members call, and what the functions do in a member's name
create temporary view commands as
  select p.proname::text as command from pg_proc p
  where p.pronamespace = 'public'::regnamespace and p.provolatile = 'v'
    and (has_function_privilege('authenticated', p.oid, 'execute')
      or p.proargnames && '{member_id,user_id}' and has_function_privilege('service_role', p.oid, 'execute'));
select set_eq('select command from limits', 'select command from commands', 'every command has a limit or a reason');
select is((select count(*) from limits), (select count(distinct command) from limits), 'one of them');
select is_empty($$ select command from limits where (setting is null) = (reason is null) or length(reason) < 12 $$, 'not both');
select is_empty($$ select setting from limits where setting is not null
    and setting not in (select column_name from information_schema.columns where (table_schema, table_name) = ('private', 'settings')) $$,
  'every limit is a setting');
select is_empty($$ select command, setting from limits l where setting is not null and not exists (
    select from pg_proc p where p.proname = l.command and p.pronamespace in ('private'::regnamespace, 'public'::regnamespace)
      and p.prosrc ~ ('\m(s|v_settings)\.' || l.setting || '\M') and p.prosrc ~ '\mperform private\.(count_action|check_daily_limit|check_pace)\(') $$,
  'which the command asks for');

select * from finish();
rollback;
