-- Written by npm run db:build: takes the room notifications out again. DELETES what is in public.notification_types, public.notifications, public.notification_preferences, public.notification_settings, private.push_subscriptions, private.notification_deliveries: take a backup first.

drop function private.next_digest_at;
drop function private.may_be_sent_at;
drop function private.end_of_quiet_hours;
drop function private.notification_texts;
drop function private.visible_actor;
drop trigger redemptions_notify on public.redemptions;
drop function private.notify_of_redemption;
drop trigger ratings_notify on public.ratings;
drop function private.notify_of_rating;
drop trigger task_offers_notify_of_answer on public.task_offers;
drop trigger task_offers_notify_of_new on public.task_offers;
drop function private.notify_of_offer;
drop trigger task_events_notify on public.task_events;
drop function private.notify_of_event;
do $$
begin
  if to_regclass('realtime.messages') is not null then
    execute 'drop policy if exists members_hear_their_own_topic on realtime.messages';
  end if;
end $$;
drop function ops.prepare_realtime;
drop function private.broadcast_notification;
drop function public.unsubscribe_notifications;
drop function public.delete_push_subscription;
drop function private.delete_push_subscription;
drop function public.save_push_subscription;
drop function private.save_push_subscription;
drop function public.update_notification_settings;
drop function private.update_notification_settings;
drop function public.set_notification_preference;
drop function private.set_notification_preference;
drop function private.check_notification_type;
drop function private.check_channel;
drop function private.unwanted_in_app;
drop function private.wants_notification;
drop function private.run_notifications_jobs;
drop function public.mark_notifications_read;
drop function private.mark_notifications_read;
drop function public.count_unread_notifications;
drop function private.count_unread_notifications;
drop function public.list_notifications;
drop function private.list_notifications;
drop function private.queue_notification;
drop function public.record_notification_deliveries;
drop function public.claim_notification_deliveries;
drop function private.max_delivery_attempts;
drop function private.delivery_json;
drop function ops.retry_notification_deliveries;
drop view ops.notification_outbox;
drop table private.notification_deliveries;
drop table private.push_subscriptions;
drop table public.notification_settings;
drop table public.notification_preferences;
drop table public.notifications;
drop table public.notification_types;
