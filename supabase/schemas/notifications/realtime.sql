create function private.broadcast_notification()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- only that there is something: the app asks for the text. As text: the function is not there where Realtime is not
  execute 'select realtime.send($1, ''notification'', $2, true)'
    using pg_catalog.jsonb_build_object('id', new.id, 'type', new.type), 'user:' || new.user_id;
  return null;
end $$;
comment on function private.broadcast_notification() is
  'Trigger on notifications, where Realtime is: sends {id, type} to the member''s private topic user:<id>.';

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
  execute 'drop policy if exists members_hear_their_own_topic on realtime.messages';
  execute $sql$
    create policy members_hear_their_own_topic on realtime.messages for select to authenticated using (
      extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.uid()))
  $sql$;
  execute 'create or replace trigger notifications_broadcast after insert on public.notifications '
    'for each row execute function private.broadcast_notification()';
  return 'prepared';
end $$;
comment on function ops.prepare_realtime() is
  'Makes new notifications reach open apps: policy on realtime.messages and trigger on notifications. Called by the '
  'migration; call it again when Realtime was added later. Returns prepared or no_realtime_here.';

select ops.prepare_realtime();
-- undo: do $$
-- undo: begin
-- undo:   if to_regclass('realtime.messages') is not null then
-- undo:     execute 'drop policy if exists members_hear_their_own_topic on realtime.messages';
-- undo:   end if;
-- undo: end $$;
