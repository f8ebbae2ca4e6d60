-- What the two sides of a task are shown of each other, and who was shown what.

create table private.phone_shares (
  task_id      uuid not null references public.tasks (id) on delete restrict,
  user_id      uuid not null references public.users (id) on delete restrict,
  actor_id     uuid not null references public.users (id) on delete restrict,
  requested_at timestamptz,
  shared_at    timestamptz,
  primary key (task_id, user_id, actor_id)
);

comment on table private.phone_shares is
  'Who asked whom for the phone number on a task, and who allowed it. Deleted with the exact place.';
comment on column private.phone_shares.user_id is 'Whose phone number it is.';
comment on column private.phone_shares.actor_id is 'Who asked for it, or is shown it.';
comment on column private.phone_shares.requested_at is 'When it was asked for; null for never.';
comment on column private.phone_shares.shared_at is 'When its owner allowed it; null until then.';

create index phone_shares_by_user on private.phone_shares (user_id);
create index phone_shares_by_actor on private.phone_shares (actor_id);

alter table private.phone_shares enable row level security;

create table private.contact_reveals (
  id                  bigint generated always as identity primary key,
  user_id             uuid not null references public.users (id) on delete restrict,
  task_id             uuid not null references public.tasks (id) on delete restrict,
  actor_id            uuid not null,
  showed_place        boolean not null,
  showed_phone_number boolean not null,
  revealed_at         timestamptz not null default now(),
  constraint something_was_shown check (showed_place or showed_phone_number)
);

comment on table private.contact_reveals is
  'Who was shown whose exact place or phone number: never changed, deleted contact_reveal_days later or with the '
  'account of whose data it was.';
comment on column private.contact_reveals.user_id is 'Whose data was shown.';
comment on column private.contact_reveals.actor_id is 'To whom it was shown.';
comment on column private.contact_reveals.showed_place is 'True: exact place and address of the task.';
comment on column private.contact_reveals.showed_phone_number is 'True: the phone number.';
comment on column private.contact_reveals.revealed_at is 'When it was shown for the first time in that hour.';

create index contact_reveals_by_user on private.contact_reveals (user_id, id);
-- a phone that asks again and again, and one that repeats a call, add a row an hour
create unique index reveal_is_logged_once_an_hour on private.contact_reveals
  (task_id, user_id, actor_id, showed_place, showed_phone_number,
    date_trunc('hour', revealed_at at time zone 'UTC'));

alter table private.contact_reveals enable row level security;

create trigger contact_reveals_are_append_only before update on private.contact_reveals
  for each row execute function private.refuse_change();

create function private.lock_contact(task_id uuid, out task public.tasks, out me uuid, out other_id uuid)
language plpgsql volatile set search_path = ''
as $$
begin
  me := private.require_active_user();
  -- lock: a task's helper is the one after whatever was under way, so who was replaced or stepped back is none
  task := private.lock_task(lock_contact.task_id, creator_id => me, helper_id => me);
  other_id := case when task.creator_id = me then task.helper_id else task.creator_id end;
  perform private.lock_member(me, other_id);
  if not (task.status in ('assigned', 'in_progress', 'pending_confirmation')
      or (task.status = 'completed' and task.completed_at > now() - interval '14 days'))
    or not exists (select from public.users u where u.id = other_id and u.is_active) then
    raise exception using errcode = 'PT409', message = 'contact_not_open', detail = task.status,
      hint = 'Contact data is shown from the acceptance of a helper until 14 days after completion.';
  end if;
end $$;
comment on function private.lock_contact(uuid) is
  'Locks a task of the caller with its two members, creator and present helper: neither changes or is erased '
  'meanwhile. Raises PT409 contact_not_open unless they may see of each other what reveal_task_contact shows, PT404 '
  'task_not_found, and like private.require_active_user.';

create function private.phone_status(task_id uuid, user_id uuid, actor_id uuid)
returns public.phone_status
language sql stable set search_path = ''
as $$
  select case
    -- whoever is blocked is not told, so a block looks like a number that nobody sees
    when s.phone_sharing = 'never' or private.are_blocked(s.user_id, phone_status.actor_id) then 'not_shared'
    when s.phone_sharing = 'on_shared_tasks' or p.shared_at is not null
      then case when c.phone_number is null then 'not_shared' else 'shared' end
    when p.requested_at is not null then 'requested'
    else 'on_request' end
  from public.user_settings s
  join public.user_contacts c on c.user_id = s.user_id
  left join private.phone_shares p
    on (p.task_id, p.user_id, p.actor_id) = (phone_status.task_id, s.user_id, phone_status.actor_id)
  where s.user_id = phone_status.user_id
$$;
comment on function private.phone_status(uuid, uuid, uuid) is
  'Whether a member''s phone number is shown to another one on a task that they share.';

create function private.reveal_task_contact(task_id uuid)
returns table (user_id uuid, latitude double precision, longitude double precision, address text, phone_number text,
  phone_status public.phone_status)
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_contact      record := private.lock_contact(reveal_task_contact.task_id);
  v_task         public.tasks := v_contact.task;
  v_showed_place boolean;
begin
  user_id := v_contact.other_id;
  phone_status := private.phone_status(v_task.id, v_contact.other_id, v_contact.me);
  select l.latitude, l.longitude, l.address into latitude, longitude, address
  from private.task_locations l where l.task_id = v_task.id;
  v_showed_place := found and v_task.helper_id = v_contact.me;
  if phone_status = 'shared' then
    select c.phone_number into phone_number from public.user_contacts c where c.user_id = v_contact.other_id;
  end if;
  if v_showed_place or phone_number is not null then
    insert into private.contact_reveals (user_id, task_id, actor_id, showed_place, showed_phone_number)
    values (v_contact.other_id, v_task.id, v_contact.me, v_showed_place, phone_number is not null)
    on conflict do nothing;
  end if;
  return next;
end $$;
grant execute on function private.reveal_task_contact(uuid) to authenticated;

create function public.reveal_task_contact(task_id uuid)
returns table (user_id uuid, latitude double precision, longitude double precision, address text, phone_number text,
  phone_status public.phone_status)
language plpgsql volatile set search_path = ''
as $$ begin return query select * from private.reveal_task_contact(reveal_task_contact.task_id); end $$;
comment on function public.reveal_task_contact(uuid) is
  'Where a task is and how to reach the other side, as one row: for its creator and its present helper, from the '
  'acceptance until 14 days after completion. user_id is the other side; place and address are the task''s, WGS 84 '
  'degrees; the phone number is the other''s, where phone_status is shared. What it shows of the other is noted for '
  'them, once an hour: my_contact_reveals. May be null: address, phone_number. Errors: task_not_found, '
  'contact_not_open, not_signed_in, user_banned, user_inactive.';
grant execute on function public.reveal_task_contact(uuid) to authenticated;

create function private.request_phone_number(task_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_contact record := private.lock_contact(request_phone_number.task_id);
  v_task    public.tasks := v_contact.task;
  v_status  public.phone_status := private.phone_status(v_task.id, v_contact.other_id, v_contact.me);
begin
  if v_status = 'not_shared' then
    raise exception using errcode = 'PT409', message = 'phone_number_not_shared',
      hint = 'This member does not show a phone number.';
  end if;
  if v_status = 'on_request' then
    insert into private.phone_shares (task_id, user_id, actor_id, requested_at)
    values (v_task.id, v_contact.other_id, v_contact.me, now());
  end if;
end $$;
grant execute on function private.request_phone_number(uuid) to authenticated;

create function public.request_phone_number(task_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$ begin perform private.request_phone_number(task_id); end $$;
comment on function public.request_phone_number(uuid) is
  'Asks the other side of a task for the phone number: they are told once, and may allow it with share_phone_number. '
  'Repeating it, and asking for what is shown already, changes nothing. Errors: task_not_found, contact_not_open, '
  'phone_number_not_shared, not_signed_in, user_banned, user_inactive.';
grant execute on function public.request_phone_number(uuid) to authenticated;

create function private.share_phone_number(task_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_contact record := private.lock_contact(share_phone_number.task_id);
  v_task    public.tasks := v_contact.task;
begin
  if exists (select from public.user_settings s where s.user_id = v_contact.me and s.phone_sharing = 'never') then
    raise exception using errcode = 'PT409', message = 'phone_sharing_is_off',
      hint = 'Your settings say never to show the phone number. Please change them first.';
  end if;
  if exists (select from public.user_contacts c where c.user_id = v_contact.me and c.phone_number is null) then
    raise exception using errcode = 'PT409', message = 'phone_number_missing',
      hint = 'Please add your phone number first.';
  end if;
  insert into private.phone_shares as p (task_id, user_id, actor_id, shared_at)
  values (v_task.id, v_contact.me, v_contact.other_id, now())
  on conflict on constraint phone_shares_pkey do update set shared_at = excluded.shared_at where p.shared_at is null;
end $$;
grant execute on function private.share_phone_number(uuid) to authenticated;

create function public.share_phone_number(task_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$ begin perform private.share_phone_number(task_id); end $$;
comment on function public.share_phone_number(uuid) is
  'Shows the caller''s phone number to the other side of a task, on this task, also unasked; repeating it changes '
  'nothing. The setting never ends it. Errors: task_not_found, contact_not_open, phone_sharing_is_off, '
  'phone_number_missing, not_signed_in, user_banned, user_inactive.';
grant execute on function public.share_phone_number(uuid) to authenticated;

create function private.get_task_location(task_id uuid)
returns table (latitude double precision, longitude double precision, address text)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  if not exists (select from public.tasks t where t.id = get_task_location.task_id and t.creator_id = v_me) then
    raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
  end if;
  return query select l.latitude, l.longitude, l.address from private.task_locations l
    where l.task_id = get_task_location.task_id;
end $$;
grant execute on function private.get_task_location(uuid) to authenticated;

create function public.get_task_location(task_id uuid)
returns table (latitude double precision, longitude double precision, address text)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.get_task_location(get_task_location.task_id); end $$;
comment on function public.get_task_location(uuid) is
  'Exact place (WGS 84 degrees) and address of a task of the caller''s own, as one row; none once they were deleted, '
  'exact_place_days after its end. May be null: address. Errors: task_not_found, not_signed_in, user_inactive.';
grant execute on function public.get_task_location(uuid) to authenticated;

create function private.my_contact_reveals(page_size integer, after bigint)
returns table (id bigint, task_id uuid, task_title text, viewer_id uuid, viewer_name text, showed_place boolean,
  showed_phone_number boolean, revealed_at timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  return query
    select r.id, r.task_id, t.title, r.actor_id, u.name, r.showed_place, r.showed_phone_number, r.revealed_at
    from (
      select c.* from private.contact_reveals c
      where c.user_id = v_me and c.id < coalesce(my_contact_reveals.after, 9223372036854775807)
      order by c.id desc limit private.clamp_page_size(my_contact_reveals.page_size)) r
    join public.tasks t on t.id = r.task_id
    join public.users u on u.id = r.actor_id
    order by r.id desc;
end $$;
grant execute on function private.my_contact_reveals(integer, bigint) to authenticated;

create function public.my_contact_reveals(page_size integer default null, after bigint default null)
returns table (id bigint, task_id uuid, task_title text, viewer_id uuid, viewer_name text, showed_place boolean,
  showed_phone_number boolean, revealed_at timestamptz)
language plpgsql stable set search_path = ''
as $$ begin return query select * from private.my_contact_reveals(page_size, after); end $$;
comment on function public.my_contact_reveals(integer, bigint) is
  'Who was shown the caller''s exact place or phone number, on which task and when, newest first: one row for each '
  'hour in which somebody looked, kept contact_reveal_days. page_size is clamped; for the next page pass the id of '
  'the last row as after. Errors: not_signed_in, user_inactive.';
grant execute on function public.my_contact_reveals(integer, bigint) to authenticated;
