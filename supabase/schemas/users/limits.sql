create table private.recent_actions (
  user_id    uuid not null references public.users (id) on delete restrict,
  limit_slug text not null,
  done_at    timestamptz[] not null,
  primary key (user_id, limit_slug)
);

comment on table private.recent_actions is
  'When members did what is limited for each day and leaves no rows to count, in the last 24 hours before they did it '
  'last. What is counted by its own rows is not here: tasks, places, suggestions.';
comment on column private.recent_actions.user_id is 'Who did it.';
comment on column private.recent_actions.limit_slug is 'The error that says it was done too often.';
comment on column private.recent_actions.done_at is 'One moment for each time, oldest first.';

alter table private.recent_actions enable row level security;

create function private.count_action(user_id uuid, slug text, daily_limit integer)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_count bigint;
begin
  -- the row is the lock: parallel calls count each other
  insert into private.recent_actions as a (user_id, limit_slug, done_at)
  values (count_action.user_id, count_action.slug, array[now()])
  on conflict on constraint recent_actions_pkey do update
    set done_at = array(select t.moment from unnest(a.done_at) t (moment) where t.moment > now() - interval '24 hours')
      || now()
  returning pg_catalog.cardinality(a.done_at) into v_count;
  perform private.check_daily_limit(v_count - 1, daily_limit, slug);
end $$;
comment on function private.count_action(uuid, text, integer) is
  'Notes that a member does something now that is limited for each day. Raises PT429 with this slug beyond the limit. '
  'Members before this row: whoever calls it for what is no row of a task or redemption holds the member''s.';
