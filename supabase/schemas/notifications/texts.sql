create function private.visible_actor(user_id uuid, actor_id uuid)
returns uuid
language plpgsql stable set search_path = ''
as $$ begin
  return (select u.id from public.users u
    where u.id = visible_actor.actor_id and u.is_active and not u.is_banned
      and not private.are_blocked(visible_actor.user_id, u.id));
end $$;
comment on function private.visible_actor(uuid, uuid) is
  'Who acted, as far as the notified member is told: null when deleted, banned, or blocked either way.';

create function private.is_over(notification public.notifications)
returns boolean
language plpgsql stable set search_path = ''
as $$
declare
  v_lasts_while text[] := case notification.type
    when 'offer_accepted' then '{assigned,in_progress}'::text[]
    when 'task_starts_soon' then '{assigned}'
    when 'task_started' then '{in_progress}'
    when 'task_finished' then '{pending_confirmation}'
    when 'confirmation_reminder' then '{pending_confirmation}'
    when 'completion_rejected' then '{in_progress}'
    when 'start_reminder' then '{assigned}'
    when 'start_overdue' then '{assigned}'
    when 'task_unended' then '{assigned,in_progress}'
    when 'task_released' then '{open}'
    when 'task_expires_soon' then '{open}' end;
begin
  if notification.type in ('offer_received', 'offer_renewed', 'offer_revived', 'task_changed') then
    return notification.offer_id is not null and not exists (
      select from public.task_offers o join public.tasks t on t.id = o.task_id
      where o.id = notification.offer_id and o.status = 'pending' and t.status = 'open'
        and (notification.type <> 'task_changed' or o.terms_version < t.terms_version));
  elsif notification.type = 'message_received' then
    return notification.offer_id is not null
      and private.first_unread_text(notification.user_id, notification.offer_id) is null;
  elsif notification.type = 'phone_number_requested' then
    return notification.task_id is not null and not exists (
      select from private.phone_shares p join public.tasks t on t.id = p.task_id
      where (p.task_id, p.user_id, p.actor_id)
          = (notification.task_id, notification.user_id, notification.actor_id)
        and p.shared_at is null and t.status in ('assigned', 'in_progress', 'pending_confirmation')
        and p.user_id in (t.creator_id, t.helper_id) and p.actor_id in (t.creator_id, t.helper_id));
  elsif notification.type in ('code_ready', 'code_expires_soon') then
    return notification.redemption_id is not null and not exists (
      select from public.redemptions r
      where r.id = notification.redemption_id and r.status = 'active' and coalesce(r.expires_at > now(), true));
  elsif v_lasts_while is not null then
    return notification.task_id is not null and not exists (
      select from public.tasks t
      where t.id = notification.task_id and t.status = any (v_lasts_while)
        and notification.user_id in (t.creator_id, t.helper_id)
        and (notification.type <> 'task_expires_soon' or private.deadline_of(t) > now())
        and (notification.type <> 'task_starts_soon' or t.starts_at > now()));
  end if;
  return false;
end $$;
comment on function private.is_over(public.notifications) is
  'Whether what a notification asks for, or announces, is past: the offer withdrawn, the help confirmed, the code '
  'used, the messages read or deleted.';

create function private.time_left(until timestamptz, language text)
returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_hours integer := pg_catalog.floor(extract(epoch from until - now()) / 3600);
begin
  return private.fill_in(case
      when v_hours >= 48 then case language when 'de' then '{days} Tage' else '{days} days' end
      when v_hours >= 1 then case language when 'de' then '{hours, plural, one {# Stunde} other {# Stunden}}'
        else '{hours, plural, one {# hour} other {# hours}}' end
      else case language when 'de' then 'weniger als eine Stunde' else 'less than an hour' end end,
    pg_catalog.jsonb_build_object('days', v_hours / 24, 'hours', v_hours));
end $$;
comment on function private.time_left(timestamptz, text) is
  'How long something still lasts, in words: days, below two days hours; rounded down, so that nobody comes too late.';

create function private.changes_since(offer_id uuid, out changes_de text, out changes_en text)
language sql stable set search_path = ''
as $$
  -- an edit in Studio leaves no event
  select coalesce(pg_catalog.string_agg(distinct c.name_de, ', '), 'Angaben'),
    coalesce(pg_catalog.string_agg(distinct c.name_en, ', '), 'details')
  from public.task_offers o
  join public.task_events e on e.task_id = o.task_id and e.action = 'updated'
    and (e.details ->> 'terms_version')::integer > o.terms_version
  join (values ('title', 'Titel', 'title'), ('description', 'Beschreibung', 'description'),
      ('category', 'Kategorie', 'category'), ('latitude', 'Ort', 'place'), ('longitude', 'Ort', 'place'),
      ('starts_at', 'Zeit', 'time'), ('ends_at', 'Zeit', 'time'), ('is_flexible', 'Zeit', 'time'),
      ('points_reward', 'Punkte', 'points')) c (name, name_de, name_en) on e.details ? (c.name || '_before')
  where o.id = changes_since.offer_id
$$;
comment on function private.changes_since(uuid) is
  'What of a task was changed since an offer on it was made or renewed, in words.';

create function private.notification_texts(notification public.notifications, out title_de text, out title_en text,
  out body_de text, out body_en text, out actor_id uuid)
language plpgsql stable set search_path = ''
as $$
declare
  v_type    public.notification_types;
  v_facts   jsonb;
  v_de      jsonb;
  v_en      jsonb;
  v_until   timestamptz;
  v_is_past boolean;
begin
  select t.* into v_type from public.notification_types t where t.type = notification.type;
  actor_id := private.visible_actor(notification.user_id, notification.actor_id);
  v_facts := pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
    'actor', (select u.name from public.users u where u.id = notification_texts.actor_id),
    'score', (select r.score from public.ratings r where r.id = notification.rating_id)));
  if notification.task_id is not null then
    select v_facts || pg_catalog.jsonb_build_object('task', t.title, 'points', t.points_reward),
      case notification.type when 'task_starts_soon' then t.starts_at else private.deadline_of(t) end
    into v_facts, v_until from public.tasks t where t.id = notification.task_id;
    if notification.type = 'confirmation_reminder' then
      select v_facts || pg_catalog.jsonb_build_object('days', extract(day from now() - p.finished_at)) into v_facts
      from private.pending_confirmations p where p.task_id = notification.task_id;
    end if;
  end if;
  v_de := '{"actor": "Ein Mitglied"}'::jsonb || v_facts;
  v_en := '{"actor": "A member"}'::jsonb || v_facts;
  if notification.type = 'task_changed' then
    select v_de || pg_catalog.jsonb_build_object('changes', c.changes_de),
      v_en || pg_catalog.jsonb_build_object('changes', c.changes_en)
    into v_de, v_en from private.changes_since(notification.offer_id) c;
  end if;
  if notification.redemption_id is not null then
    select v_de || pg_catalog.jsonb_build_object('reward', r.title_de, 'points', r.points_spent),
           v_en || pg_catalog.jsonb_build_object('reward', r.title_en, 'points', r.points_spent), r.expires_at
    into v_de, v_en, v_until
    from public.redemptions r where r.id = notification.redemption_id;
  end if;
  v_is_past := v_type.past_de is not null and private.is_over(notification);
  if not v_is_past and pg_catalog.strpos(v_type.body_de || v_type.body_en, '{left}') > 0 then
    v_de := v_de || pg_catalog.jsonb_build_object('left', private.time_left(v_until, 'de'));
    v_en := v_en || pg_catalog.jsonb_build_object('left', private.time_left(v_until, 'en'));
  end if;
  title_de := private.fill_in(v_type.title_de, v_de);
  title_en := private.fill_in(v_type.title_en, v_en);
  body_de := private.fill_in(case when v_is_past then v_type.past_de else v_type.body_de end, v_de);
  body_en := private.fill_in(case when v_is_past then v_type.past_en else v_type.body_en end, v_en);
end $$;
comment on function private.notification_texts(public.notifications) is
  'A notification in words, as it reads at this moment, and the member named in it.';
