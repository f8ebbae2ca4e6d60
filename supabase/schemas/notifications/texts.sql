create function private.visible_actor(user_id uuid, actor_id uuid)
returns uuid
language sql stable set search_path = ''
as $$
  select u.id from public.users u
  where u.id = visible_actor.actor_id and u.is_active and not u.is_banned
    and not private.are_blocked(visible_actor.user_id, u.id)
$$;
comment on function private.visible_actor(uuid, uuid) is
  'Who acted, as far as the notified member is told: null when deleted, banned, or blocked either way.';

create function private.notification_texts(notification public.notifications, out title_de text, out title_en text,
  out body_de text, out body_en text, out actor_id uuid)
language plpgsql stable set search_path = ''
as $$
declare
  v_type  public.notification_types;
  v_facts jsonb;
  v_de    jsonb;
  v_en    jsonb;
begin
  select t.* into v_type from public.notification_types t where t.type = notification.type;
  actor_id := private.visible_actor(notification.user_id, notification.actor_id);
  v_facts := coalesce(notification.data, '{}') || pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
    'actor', (select u.name from public.users u where u.id = notification_texts.actor_id),
    'score', (select r.score from public.ratings r where r.id = notification.rating_id)));
  if notification.task_id is not null then
    select v_facts || pg_catalog.jsonb_build_object('task', t.title, 'points', t.points_reward) into v_facts
    from public.tasks t where t.id = notification.task_id;
  end if;
  v_de := '{"actor": "Ein Mitglied"}'::jsonb || v_facts;
  v_en := '{"actor": "A member"}'::jsonb || v_facts;
  if notification.redemption_id is not null then
    select v_de || pg_catalog.jsonb_build_object('reward', r.title_de, 'points', r.points_spent),
           v_en || pg_catalog.jsonb_build_object('reward', r.title_en, 'points', r.points_spent) into v_de, v_en
    from public.redemptions r where r.id = notification.redemption_id;
  end if;
  title_de := private.fill_in(v_type.title_de, v_de);
  title_en := private.fill_in(v_type.title_en, v_en);
  body_de := private.fill_in(v_type.body_de, v_de);
  body_en := private.fill_in(v_type.body_en, v_en);
end $$;
comment on function private.notification_texts(public.notifications) is
  'A notification in words, as it reads at this moment, and the member named in it.';
