create function private.require_member()
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me        uuid := auth.uid();
  v_is_active boolean;
begin
  select u.is_active into v_is_active from public.users u where u.id = v_me;
  -- whoever only looks around has a token, too, where a project allows anonymous sign-ins
  if not found or auth.jwt() ->> 'is_anonymous' = 'true' then
    raise exception using errcode = 'PT401', message = 'not_signed_in', hint = 'Please sign in first.';
  end if;
  if not v_is_active then
    raise exception using errcode = 'PT403', message = 'user_inactive', hint = 'This account was deleted.';
  end if;
  return v_me;
end $$;
comment on function private.require_member() is
  'Id of the calling member, banned or not. Raises PT401 not_signed_in, PT403 user_inactive.';

create function private.require_active_user()
returns uuid
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
  v_user record;
begin
  select u.is_active, u.is_banned into v_user from public.users u where u.id = v_me;
  -- whoever only looks around has a token, too, where a project allows anonymous sign-ins
  if not found or auth.jwt() ->> 'is_anonymous' = 'true' then
    raise exception using errcode = 'PT401', message = 'not_signed_in', hint = 'Please sign in first.';
  end if;
  if not v_user.is_active then
    raise exception using errcode = 'PT403', message = 'user_inactive', hint = 'This account was deleted.';
  end if;
  if v_user.is_banned then
    raise exception using errcode = 'PT403', message = 'user_banned',
      hint = 'This account is banned; see user_bans for the reason.';
  end if;
  return v_me;
end $$;
comment on function private.require_active_user() is
  'Guard of every command: id of the calling member. Raises PT401 not_signed_in, PT403 user_inactive, PT403 '
  'user_banned.';

create function private.lock_member(user_id uuid, other_id uuid default null, may_be_banned boolean default false)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- in id order, as whoever locks the same two the other way round; a foreign key's lock would not do, it lets an
  -- erasure pass
  perform from public.users u where u.id in (lock_member.user_id, lock_member.other_id) order by u.id
  for no key update;
  perform case when may_be_banned then private.require_member() else private.require_active_user() end;
end $$;
comment on function private.lock_member(uuid, uuid, boolean) is
  'Locks the calling member''s row, so that commands that count what the member has done or promised run one after the '
  'other, and another member''s, about whom something is written: neither is erased meanwhile. Then asks again whether '
  'the caller may act, who may have been banned or deleted while this waited; raises like '
  'private.require_active_user, or private.require_member.';

create function private.lock_member_for_share(user_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  perform from public.users u where u.id = lock_member_for_share.user_id and u.is_active for share;
  if not found then  -- deleted while this command waited
    perform private.require_member();
  end if;
end $$;
comment on function private.lock_member_for_share(uuid) is
  'Keeps the calling member from being erased before what is written next. Raises like private.require_member.';

create function private.hidden_user_ids()
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me uuid := auth.uid();
begin
  return array(
    select b.blocked_id from public.user_blocks b where b.blocker_id = v_me
    union
    select b.blocker_id from public.user_blocks b where b.blocked_id = v_me);
end $$;
comment on function private.hidden_user_ids() is
  'Members whose open tasks the caller does not see: blocked by, or blocking, the caller.';
grant execute on function private.hidden_user_ids() to authenticated;

create function private.are_blocked(one uuid, other uuid)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$ begin
  -- in plpgsql, as all that a page calls for each row: a body in SQL that cannot be inlined is planned again and again
  return exists (select from public.user_blocks b where (b.blocker_id, b.blocked_id) in ((one, other), (other, one)));
end $$;
comment on function private.are_blocked(uuid, uuid) is 'Whether either of two members blocks the other.';
