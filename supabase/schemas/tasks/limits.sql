create function private.is_verified(user_id uuid)
returns boolean
language sql stable set search_path = ''
as $$
  select not (select s.community_reward_requires_verified_contact from private.settings s)
    or coalesce((select u.is_email_verified or u.is_phone_verified from public.users u where u.id = user_id), false)
$$;
comment on function private.is_verified(uuid) is
  'Whether a member may promise or be promised community points: has a confirmed e-mail address or phone number, where '
  'the settings want one.';

create function private.require_verified(user_id uuid)
returns void
language plpgsql stable set search_path = ''
as $$
begin
  if not private.is_verified(user_id) then
    raise exception using errcode = 'PT403', message = 'contact_not_verified',
      hint = 'Please confirm your e-mail address or phone number first.';
  end if;
end $$;
comment on function private.require_verified(uuid) is
  'Raises PT403 contact_not_verified unless private.is_verified, for the caller.';

create function private.promised_points(creator_id uuid, helper_id uuid)
returns bigint
language sql stable set search_path = ''
as $$
  -- a branch for each index: one condition for both would read all tasks
  select coalesce(sum(t.points_reward), 0)
  from private.settings s, (
    select c.* from public.tasks c
    where c.creator_id = promised_points.creator_id
      and (promised_points.helper_id is null or c.helper_id = promised_points.helper_id)
    union all
    select h.* from public.tasks h where promised_points.creator_id is null and h.helper_id = promised_points.helper_id
  ) t
  where t.reward_funding = 'community'
    and (t.status in ('open', 'assigned', 'in_progress', 'pending_confirmation')
         or t.completed_at > now() - pg_catalog.make_interval(days => s.points_limit_days))
$$;
comment on function private.promised_points(uuid, uuid) is
  'Community points that a creator has promised or that a helper was promised, or one the other: by live tasks, and '
  'issued within points_limit_days.';

create function private.refuse_beyond(promised bigint, points integer, points_limit integer, days integer, slug text,
  template text)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if promised + points > points_limit then
    raise exception using errcode = 'PT429', message = slug,
      hint = private.fill_in(template, pg_catalog.jsonb_build_object('days', days)),
      detail = pg_catalog.format('%s of %s points', promised, points_limit);
  end if;
end $$;
comment on function private.refuse_beyond(bigint, integer, integer, integer, text, text) is
  'Raises PT429 with this slug when points on top of what is promised are more than the limit of so many days; the '
  'template of the hint is filled in only then.';

create function private.check_promise(creator_id uuid, points integer)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_settings private.settings;
  v_is_new   boolean;
begin
  select s.* into v_settings from private.settings s;
  select u.created_at > now() - pg_catalog.make_interval(days => v_settings.new_member_days) into v_is_new
  from public.users u where u.id = creator_id;
  perform private.require_verified(creator_id);
  perform private.refuse_beyond(private.promised_points(creator_id, null), points,
    case when v_is_new then least(v_settings.new_member_points_limit, v_settings.points_limit_per_creator)
      else v_settings.points_limit_per_creator end,
    case when v_is_new then v_settings.new_member_days else v_settings.points_limit_days end, 'points_limit_reached',
    'You have promised as many points as is allowed in {days, plural, one {# day} other {# days}}.');
end $$;
comment on function private.check_promise(uuid, integer) is
  'Refuses to promise more community points than the settings allow a creator, or a new one. The caller holds the '
  'creator''s users row. Raises PT403 contact_not_verified, PT429 points_limit_reached.';

create function private.check_acceptance(task public.tasks, helper_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_settings private.settings;
begin
  select s.* into v_settings from private.settings s;
  perform private.require_verified(task.creator_id);
  if not private.is_verified(helper_id) then
    raise exception using errcode = 'PT409', message = 'helper_not_verified',
      hint = 'This member has not confirmed an e-mail address or phone number yet.';
  end if;
  perform private.refuse_beyond(private.promised_points(task.creator_id, helper_id), task.points_reward,
    v_settings.points_limit_per_pair, v_settings.points_limit_days, 'pair_points_limit_reached',
    'You have given this helper as many points as is allowed in {days, plural, one {# day} other {# days}}.');
  perform private.refuse_beyond(private.promised_points(null, helper_id), task.points_reward,
    v_settings.points_limit_per_helper, v_settings.points_limit_days, 'helper_points_limit_reached',
    'This helper has been promised as many points as is allowed in {days, plural, one {# day} other {# days}}.');
end $$;
comment on function private.check_acceptance(public.tasks, uuid) is
  'Refuses to promise the reward of a community task to a helper beyond what the settings allow a pair, and a helper. '
  'The caller holds the users rows of both. Raises PT403 contact_not_verified, PT409 helper_not_verified, PT429 '
  'pair_points_limit_reached, helper_points_limit_reached.';
