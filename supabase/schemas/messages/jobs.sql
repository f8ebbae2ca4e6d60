create function private.forget_conversations(
  as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_until        timestamptz := as_of - (select pg_catalog.make_interval(days => s.message_retention_days)
    from private.settings s);
  v_conversation private.conversations;
  v_last_at      timestamptz;
begin
  processed := 0; failed := 0;
  for v_conversation in
    select c.* from private.conversations c where c.checked_at < v_until
    order by c.checked_at limit batch for update skip locked
  loop
    select m.created_at into v_last_at from private.messages m
    where m.offer_id = v_conversation.offer_id and m.id = v_conversation.last_message_id;
    if v_last_at >= v_until then
      update private.conversations c set checked_at = v_last_at where c.offer_id = v_conversation.offer_id;
      continue;
    end if;
    -- an erasure may hold some of them and wait for what this run has locked: they come with the next run
    with free as (
      select m.id from private.messages m where m.offer_id = v_conversation.offer_id for update skip locked)
    delete from private.messages m using free f where m.offer_id = v_conversation.offer_id and m.id = f.id;
    continue when exists (select from private.messages m where m.offer_id = v_conversation.offer_id);
    delete from private.conversations c where c.offer_id = v_conversation.offer_id;
    processed := processed + 1;
  end loop;
end $$;
comment on function private.forget_conversations(timestamptz, integer) is
  'Job: forgets conversations whose last message is older than the settings say.';

insert into private.jobs (job, room, step, every) values
  ('forget_conversations', 'messages', 90, '1 hour');
-- undo: delete from private.jobs where room = 'messages';
