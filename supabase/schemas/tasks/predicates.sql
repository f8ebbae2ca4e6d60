create function private.status_fits(status text, helper_id uuid, completed_at timestamptz, closed_at timestamptz)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return case
    when status in ('completed', 'archived')
      then helper_id is not null and completed_at is not null and closed_at is null
    when status in ('assigned', 'in_progress', 'pending_confirmation')
      then helper_id is not null and completed_at is null and closed_at is null
    when status = 'open' then helper_id is null and completed_at is null and closed_at is null
    when status = 'expired' then helper_id is null and completed_at is null and closed_at is not null
    when status = 'cancelled' then completed_at is null and closed_at is not null
    else false end;
end $$;
comment on function private.status_fits(text, uuid, timestamptz, timestamptz) is
  'Whether a task''s status is a known one and agrees with who helps and when it ended.';

-- Functions, because a subquery inside a policy brings the other table's policy into every plan (measured:
-- docs/performance.md).
create function private.has_offered_on(task_id uuid)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
begin
  return exists (select from public.task_offers o
    where o.task_id = has_offered_on.task_id and o.helper_id = auth.uid());
end $$;
comment on function private.has_offered_on(uuid) is
  'Whether the caller ever offered help on a task; such members may keep reading it.';
grant execute on function private.has_offered_on(uuid) to authenticated;
