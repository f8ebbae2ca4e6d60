create function private.kept_after_erasure()
returns table (table_name text, column_name text, condition text)
language sql immutable set search_path = ''
as $$
  values
    ('public.users', 'id', $c$ name = 'Deleted member' and num_nonnulls(avatar_path, bio) = 0
      and not (is_email_verified or is_phone_verified) $c$),
    ('public.user_bans', 'user_id', 'true'),
    ('public.tasks', 'creator_id', $c$ status not in ('open', 'assigned', 'in_progress') and image_paths = '{}'
      and metadata = '{}' and (title = 'Deleted task' or private.had_helper(id)) $c$),
    ('public.tasks', 'helper_id', $c$ status <> 'assigned' $c$),
    ('public.task_offers', 'creator_id', 'true'),
    ('public.task_offers', 'helper_id', $c$ status not in ('pending', 'not_chosen') and message is null $c$),
    ('private.conversations', 'creator_id', 'true'),
    ('private.conversations', 'helper_id', 'true'),
    ('private.messages', 'sender_id', 'body is null'),
    ('private.messages', 'recipient_id', 'true'),
    ('public.task_events', 'creator_id', $c$ action <> 'updated' or details is null
      or details = private.without_words(details) $c$),
    ('public.task_events', 'helper_id', 'true'),
    ('public.task_events', 'actor_id', 'true'),
    ('private.audit_log', 'actor_id', 'true'),
    ('private.contact_reveals', 'actor_id', 'true'),
    ('public.point_accounts', 'user_id', 'true'),
    ('public.point_transactions', 'user_id', 'true'),
    ('public.ratings', 'rater_id', 'comment is null'),
    ('public.ratings', 'ratee_id', 'comment is null'),
    ('private.rating_totals', 'user_id', 'true'),
    ('public.place_reviews', 'user_id', 'comment is null'),
    ('public.redemptions', 'user_id', $c$ status not in ('pending', 'active') and (status = 'used' or not exists (
      select from private.reward_codes c where c.redemption_id = kept.id and c.ciphertext <> '')) $c$),
    -- what a deadline tells goes with the next run of the jobs
    ('public.notifications', 'user_id', 'queued_at is null'),
    ('public.notifications', 'actor_id', 'true'),
    ('private.member_totals', 'user_id', 'true'),
    ('private.member_months', 'user_id', 'true'),
    ('private.leaderboard_entries', 'user_id', $c$ not is_shown or exists (
      select from private.leaderboard_changes c where c.user_id = kept.user_id) $c$),
    ('private.leaderboard_changes', 'user_id', 'true')
$$;
comment on function private.kept_after_erasure() is
  'Rows that may name a member who left, and what must hold for them: docs/rooms/privacy.md says why. A column that is '
  'not listed may not name one at all.';

create function private.member_columns()
returns table (table_name text, column_name text)
language sql stable set search_path = ''
as $$
  select pg_catalog.format('%s.%s', c.relnamespace::regnamespace, c.relname), a.attname::text
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relkind in ('r', 'p') and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and a.atttypid = 'uuid'::regtype
    and ((c.oid = 'public.users'::regclass and a.attname = 'id')
      or a.attname ~ '(^|_)(user|member|creator|helper|actor|rater|ratee|blocker|blocked|author|reporter|sender|'
        'recipient)_id$'
      or exists (
        select from pg_catalog.pg_constraint k
        where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey)
          and k.confrelid in ('public.users'::regclass, 'public.point_accounts'::regclass,
            'private.rating_totals'::regclass)))
$$;
comment on function private.member_columns() is
  'Columns that hold a member''s id, by foreign key or by name, out of the catalogue.';

create function ops.audit_erasure()
returns table (problem text, subject_id text, detail text)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_column record;
begin
  for v_column in
    select m.table_name, m.column_name, coalesce(k.condition, 'false') as condition
    from private.member_columns() m
    left join private.kept_after_erasure() k using (table_name, column_name)
    order by 1, 2
  loop
    return query execute pg_catalog.format($sql$
      select 'erased_member_left_something', kept.%2$I::text, pg_catalog.format('%%s of %1$s.%2$s', count(*))
      from %1$s kept
      where kept.%2$I in (select u.id from public.users u where not u.is_active) and (%3$s) is not true
      group by kept.%2$I $sql$, v_column.table_name, v_column.column_name, v_column.condition);
  end loop;
end $$;
comment on function ops.audit_erasure() is
  'Proves that nothing is left of members who were erased but what may stay: one row for each member and column with '
  'more, none when everything is right. Reads every table that names members.';
grant execute on function ops.audit_erasure() to service_role, app_read;
