create function ops.ban_user(user_id uuid, reason text)
returns public.user_bans
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_reason text := private.clean_text(ban_user.reason, 'reason', 1, private.max_message_length(), true);
  v_ban    public.user_bans;
begin
  perform from public.users u where u.id = ban_user.user_id for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
  -- the reason first: the audit log takes it from here
  update public.user_bans b set reason = v_reason where b.user_id = ban_user.user_id and b.lifted_at is null
  returning b.* into v_ban;
  if not found then
    insert into public.user_bans (user_id, reason) values (ban_user.user_id, v_reason) returning * into v_ban;
  end if;
  update public.users u set is_banned = true where u.id = ban_user.user_id;
  return v_ban;
end $$;
comment on function ops.ban_user(uuid, text) is
  'Bans a member, with a reason the member can read, and returns the ban. Their open tasks leave the search; they '
  'can read but not act. Repeating it changes the reason. Errors: user_not_found, text_blank, text_too_long.';
grant execute on function ops.ban_user(uuid, text) to service_role;

create function ops.unban_user(user_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
begin
  update public.users u set is_banned = false where u.id = unban_user.user_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
end $$;
comment on function ops.unban_user(uuid) is 'Lifts a ban; open tasks return to the search. Errors: user_not_found.';
grant execute on function ops.unban_user(uuid) to service_role;
