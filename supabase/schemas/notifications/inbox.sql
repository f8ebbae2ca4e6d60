create function private.list_notifications(page_size integer, after bigint, only_unread boolean)
returns table (id bigint, type public.notification_type_name, title_de text, title_en text, body_de text, body_en text,
  task_id uuid, redemption_id uuid, actor_id uuid, created_at timestamptz, read_at timestamptz, offer_id uuid)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me       uuid := private.require_member();
  v_unwanted text[] := private.unwanted_in_app(v_me);
  v_limit    integer := private.clamp_page_size(page_size);
  v_before   bigint := coalesce(list_notifications.after, 9223372036854775807);
  v_ids      bigint[];
begin
  -- two statements, so that the unread ones are found by their own index
  if only_unread then
    v_ids := array(
      select n.id from public.notifications n
      where n.user_id = v_me and n.read_at is null and n.id < v_before and n.type <> all (v_unwanted)
      order by n.id desc limit v_limit);
  else
    v_ids := array(
      select n.id from public.notifications n
      where n.user_id = v_me and n.id < v_before and n.type <> all (v_unwanted)
      order by n.id desc limit v_limit);
  end if;
  return query
    select n.id, n.type, t.title_de, t.title_en, t.body_de, t.body_en, n.task_id, n.redemption_id, t.actor_id,
      n.created_at, n.read_at, n.offer_id
    from public.notifications n cross join lateral private.notification_texts(n) t
    where n.user_id = v_me and n.id = any (v_ids)
    order by n.id desc;
end $$;
grant execute on function private.list_notifications(integer, bigint, boolean) to authenticated;

create function public.list_notifications(page_size integer default null, after bigint default null,
  only_unread boolean default false)
returns table (id bigint, type public.notification_type_name, title_de text, title_en text, body_de text, body_en text,
  task_id uuid, redemption_id uuid, actor_id uuid, created_at timestamptz, read_at timestamptz, offer_id uuid)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.list_notifications(page_size, after, only_unread); end $$;
comment on function public.list_notifications(integer, bigint, boolean) is
  'The caller''s notifications with their texts, newest first, without the types switched off for the inbox. '
  'page_size is clamped; for the next page pass the id of the last row as after. Members who are blocked, '
  'banned or deleted appear without name. May be null: task_id, redemption_id, actor_id, read_at, offer_id. Errors: '
  'not_signed_in, user_inactive.';
grant execute on function public.list_notifications(integer, bigint, boolean) to authenticated;

create function private.count_unread_notifications()
returns integer
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me       uuid := private.require_member();
  v_unwanted text[] := private.unwanted_in_app(v_me);
begin
  return (select count(*) from public.notifications n
    where n.user_id = v_me and n.read_at is null and n.type <> all (v_unwanted));
end $$;
grant execute on function private.count_unread_notifications() to authenticated;

create function public.count_unread_notifications()
returns integer
language plpgsql stable set search_path = ''
as $$ begin return private.count_unread_notifications(); end $$;
comment on function public.count_unread_notifications() is
  'How many notifications of the caller''s inbox are unread. Errors: not_signed_in, user_inactive.';
grant execute on function public.count_unread_notifications() to authenticated;

create function private.mark_notifications_read(ids bigint[])
returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_member();
  v_count integer;
begin
  -- lock: in order, so that two devices of a member do not wait for each other
  perform from public.notifications n
  where n.user_id = v_me and n.read_at is null and (ids is null or n.id = any (ids))
  order by n.id for no key update;
  update public.notifications n set read_at = now()
  where n.user_id = v_me and n.read_at is null and (ids is null or n.id = any (ids));
  get diagnostics v_count = row_count;
  return v_count;
end $$;
grant execute on function private.mark_notifications_read(bigint[]) to authenticated;

create function public.mark_notifications_read(ids bigint[] default null)
returns integer
language plpgsql volatile set search_path = ''
as $$ begin return private.mark_notifications_read(ids); end $$;
comment on function public.mark_notifications_read(bigint[]) is
  'Marks the caller''s notifications as read, all of them when ids is null; others'' ids and repetitions change '
  'nothing. Returns how many became read. Errors: not_signed_in, user_inactive.';
grant execute on function public.mark_notifications_read(bigint[]) to authenticated;
