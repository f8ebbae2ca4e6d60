create function private.refuse_balance_edit()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT409', message = 'balance_not_editable',
    hint = 'Balances follow the ledger. Correct points with: select ops.adjust_points(user_id, amount, reason);';
end $$;
comment on function private.refuse_balance_edit() is
  'Trigger on point_accounts: refuses every change that the ledger did not make. Raises PT409 balance_not_editable.';
-- depth 0 = a statement of somebody's own; the ledger's update runs inside a trigger
create trigger point_accounts_follow_the_ledger before update or delete on public.point_accounts
  for each row when (pg_trigger_depth() = 0) execute function private.refuse_balance_edit();
create trigger point_accounts_start_empty before insert on public.point_accounts
  for each row when (new.balance <> 0 or new.earned <> 0 or new.spent <> 0)
  execute function private.refuse_balance_edit();
create trigger point_accounts_are_not_truncated before truncate on public.point_accounts
  for each statement execute function private.refuse_balance_edit();

create function private.post_transaction()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- here rather than as a constraint, which PostgreSQL would compile again for every row
  if not (case new.type
    when 'task_completed' then new.amount > 0 and new.task_id is not null
    when 'task_hold' then new.amount < 0 and new.task_id is not null
    when 'redemption' then new.amount < 0 and new.redemption_id is not null
    when 'bonus' then new.amount > 0
    when 'refund' then new.amount > 0 and (new.task_id is null) <> (new.redemption_id is null)
    when 'admin_adjustment' then new.amount <> 0
    else false end)
  then
    raise exception using errcode = 'PT400', message = 'amount_invalid',
      detail = pg_catalog.format('%s %s', new.type, new.amount),
      hint = 'The amount does not fit this type of transaction.';
  end if;
  -- one statement checks and moves, so parallel postings queue on the row and can never overdraw
  update public.point_accounts a
  set balance    = a.balance + new.amount,
      earned     = a.earned + case when new.type in ('task_completed', 'bonus') then new.amount else 0 end,
      spent      = a.spent - case when new.type in ('task_hold', 'redemption', 'refund') then new.amount else 0 end,
      updated_at = now()
  where a.user_id = new.user_id and a.balance + new.amount >= 0
  returning a.balance into new.balance_after;
  if not found then
    if exists (select from public.point_accounts a where a.user_id = new.user_id) then
      raise exception using errcode = 'PT402', message = 'insufficient_points',
        detail = pg_catalog.format('%s points are needed', -new.amount),
        hint = 'There are not enough points in this account.';
    end if;
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
  -- drawn while the account is locked, so that a member's ids are in booking order
  new.id := pg_catalog.nextval('private.point_transaction_ids');
  return new;
end $$;
comment on function private.post_transaction() is
  'Trigger on point_transactions: the single writer of balances. Moves the account, then stamps id and '
  'balance_after. Raises PT400 amount_invalid, PT402 insufficient_points, PT404 user_not_found.';
create trigger point_transactions_post before insert on public.point_transactions
  for each row execute function private.post_transaction();

create function private.open_account()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_welcome_points integer := (select s.welcome_points from private.settings s);
begin
  insert into public.point_accounts (user_id) select m.id from new_members m;
  if v_welcome_points > 0 then
    insert into public.point_transactions (user_id, amount, type, balance_after)
    select m.id, v_welcome_points, 'bonus', 0 from new_members m;
  end if;
  return null;
end $$;
comment on function private.open_account() is
  'Trigger on users: opens the point accounts and books the welcome bonus of the settings.';
-- once for a statement, as all that a sign-up makes: an import brings thousands in one
create trigger users_open_account after insert on public.users referencing new table as new_members
  for each statement execute function private.open_account();
