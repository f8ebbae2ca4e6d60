create function private.reliability(user_id uuid, out accepted integer, out finished integer)
language plpgsql stable security definer set search_path = ''
as $$
begin
  finished := coalesce((select m.tasks_helped from private.member_totals m where m.user_id = reliability.user_id), 0);
  accepted := finished + coalesce((
    select t.no_shows + t.late_releases from private.lapse_totals t where t.user_id = reliability.user_id), 0);
  if (accepted < private.min_tasks_for_reliability() and user_id is distinct from auth.uid())
     or not exists (select from public.users u where u.id = reliability.user_id and u.is_active) then
    accepted := null;
    finished := null;
  end if;
end $$;
comment on function private.reliability(uuid) is
  'How many accepted tasks a member finished, and how many of them ended well or badly by the member: finished ones, '
  'no-shows and late releases. Tasks called off, given back in time or taken away for other reasons are in neither. '
  'Null to others while they are too few.';
grant execute on function private.reliability(uuid) to authenticated, service_role;

create function public.accepted_tasks(users public.users)
returns integer
language sql stable set search_path = ''
as $$ select r.accepted from private.reliability(users.id) r $$;
comment on function public.accepted_tasks(public.users) is
  'Computed field users.accepted_tasks: tasks the member helped with that ended by finishing, a no-show or a late '
  'release. Null on other members while they are fewer than 5.';
grant execute on function public.accepted_tasks(public.users) to authenticated, service_role;

create function public.finished_tasks(users public.users)
returns integer
language sql stable set search_path = ''
as $$ select r.finished from private.reliability(users.id) r $$;
comment on function public.finished_tasks(public.users) is
  'Computed field users.finished_tasks: how many of accepted_tasks were completed. Null as that one.';
grant execute on function public.finished_tasks(public.users) to authenticated, service_role;
