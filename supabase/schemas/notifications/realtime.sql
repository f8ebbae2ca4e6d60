create function private.broadcast(topic text, event text, payload jsonb)
returns void
language plpgsql set search_path = ''
as $$
begin
  -- only that there is something: the app asks for it. The name as text: the function is not there where Realtime is
  -- not, and the check of functions knows what stands in one piece
  execute pg_catalog.format('select %s($1, $2, $3, true)', 'realtime.send') using payload, event, topic;
end $$;
comment on function private.broadcast(text, text, jsonb) is 'Sends an event to a private topic, where Realtime is.';

create function private.broadcast_notification()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform private.broadcast('user:' || new.user_id, 'notification',
    pg_catalog.jsonb_build_object('id', new.id, 'type', new.type));
  return null;
end $$;
comment on function private.broadcast_notification() is
  'Trigger on notifications, where Realtime is: sends {id, type} to the member''s private topic user:<id>.';

create function private.broadcast_message()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform private.broadcast('conversation:' || new.offer_id, 'message', pg_catalog.jsonb_build_object('id', new.id));
  return null;
end $$;
comment on function private.broadcast_message() is
  'Trigger on messages, where Realtime is: sends {id} to the private topic conversation:<offer id>, when one is sent '
  'and when one is deleted.';

create function private.may_hear(topic text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  if topic = 'user:' || auth.uid() then
    return true;
  end if;
  return topic ~ '^conversation:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' and exists (
    select from public.task_offers o join public.users u on u.id = auth.uid() and u.is_active
    where o.id = pg_catalog.split_part(topic, ':', 2)::uuid and u.id in (o.creator_id, o.helper_id));
end $$;
comment on function private.may_hear(text) is
  'Whether the caller may join a topic of Realtime: user:<own id>, and conversation:<offer id> as one of its two '
  'sides.';
grant execute on function private.may_hear(text) to authenticated;

create function ops.prepare_realtime()
returns text
language plpgsql volatile set search_path = ''
as $$
begin
  if pg_catalog.to_regclass('realtime.messages') is null
    or pg_catalog.to_regprocedure('realtime.send(jsonb,text,text,boolean)') is null
     or pg_catalog.to_regprocedure('realtime.topic()') is null then
    return 'no_realtime_here';
  end if;
  execute 'drop policy if exists members_hear_their_own_topics on realtime.messages';
  execute $sql$
    create policy members_hear_their_own_topics on realtime.messages for select to authenticated using (
      extension = 'broadcast' and (select private.may_hear((select realtime.topic()))))
  $sql$;
  execute 'create or replace trigger notifications_broadcast after insert on public.notifications '
    'for each row execute function private.broadcast_notification()';
  execute 'create or replace trigger messages_broadcast after insert or update of deleted_at on private.messages '
    'for each row execute function private.broadcast_message()';
  return 'prepared';
end $$;
comment on function ops.prepare_realtime() is
  'Makes new notifications and messages reach open apps: policy on realtime.messages, triggers on notifications and '
  'messages. Called by the migration; call it again when Realtime was added later. Returns prepared or '
  'no_realtime_here.';

select ops.prepare_realtime();
-- undo: do $$
-- undo: begin
-- undo:   if to_regclass('realtime.messages') is not null then
-- undo:     execute 'drop policy if exists members_hear_their_own_topics on realtime.messages';
-- undo:   end if;
-- undo: end $$;
