-- Takes the room notifications out again.
do $$
begin
  if to_regclass('realtime.messages') is not null then
    execute 'drop policy if exists members_hear_their_own_topic on realtime.messages';
  end if;
end $$;

drop trigger redemptions_notify on public.redemptions;
drop trigger ratings_notify on public.ratings;
drop trigger task_offers_notify_of_answer on public.task_offers;
drop trigger task_offers_notify_of_new on public.task_offers;
drop trigger task_events_notify on public.task_events;

drop view ops.notification_outbox;

drop function public.unsubscribe_notifications(uuid, text, text);
drop function public.record_notification_deliveries(jsonb);
drop function public.claim_notification_deliveries(integer, text[]);
drop function public.delete_push_subscription(text);
drop function public.save_push_subscription(text, text, text);
drop function public.update_notification_settings(time, time, text, boolean, boolean, boolean);
drop function public.set_notification_preference(text, text, boolean);
drop function public.mark_notifications_read(bigint[]);
drop function public.count_unread_notifications();
drop function public.list_notifications(integer, bigint, boolean);

drop function ops.retry_notification_deliveries(text);
drop function ops.prepare_realtime();

drop function private.run_notifications_jobs(timestamptz, integer);
drop function private.queue_notification(public.notifications);
drop function private.unsubscribe_notifications(uuid, text, text);
drop function private.record_notification_deliveries(jsonb);
drop function private.delivery_delay(integer);
drop function private.claim_notification_deliveries(integer, text[]);
drop function private.delivery_json(private.notification_deliveries);
drop function private.delete_push_subscription(text);
drop function private.save_push_subscription(text, text, text);
drop function private.update_notification_settings(time, time, text, boolean, boolean, boolean);
drop function private.set_notification_preference(text, text, boolean);
drop function private.check_notification_type(text);
drop function private.check_channel(text);
drop function private.mark_notifications_read(bigint[]);
drop function private.count_unread_notifications();
drop function private.list_notifications(integer, bigint, boolean);
drop function private.next_digest_at(uuid, timestamptz);
drop function private.may_be_sent_at(uuid, timestamptz);
drop function private.end_of_quiet_hours(time, time, text, timestamptz);
drop function private.unwanted_in_app(uuid);
drop function private.wants_notification(uuid, text, text);
drop function private.hold_member(uuid);
drop function private.notify_of_redemption();
drop function private.notify_of_rating();
drop function private.notify_of_offer();
drop function private.notify_of_event();
drop function private.notification_texts(public.notifications);
drop function private.visible_actor(uuid, uuid);
drop function private.fill_in(text, jsonb);

drop table private.notification_deliveries;
drop table private.push_subscriptions;
drop table public.notification_settings;
drop table public.notification_preferences;
drop table public.notifications;
drop table public.notification_types;

drop function private.broadcast_notification();
