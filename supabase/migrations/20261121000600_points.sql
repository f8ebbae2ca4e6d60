-- Written by npm run db:build from supabase/schemas/points/: edit there.

-- schemas/points/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.point_transaction_types() returns text[] language sql immutable set search_path = ''
  return array['task_completed', 'task_hold', 'redemption',
    'bonus', 'refund', 'admin_adjustment'];
comment on function private.point_transaction_types() is 'Why points moved.';

-- no check: private.post_transaction refuses what it does not know
create domain public.point_transaction_type as text;
comment on domain public.point_transaction_type is 'One of private.point_transaction_types().';

-- schemas/points/tables.sql

-- Room: points. Accounts and the append-only ledger. The ledger is the only door to a balance: inserting a row moves it
-- (private.post_transaction), everything else is refused by trigger for every role, table owner and Studio included.

create table public.point_accounts (
  user_id    uuid primary key references public.users (id) on delete restrict,
  balance    integer not null default 0,
  earned     integer not null default 0,
  spent      integer not null default 0,
  updated_at timestamptz not null default now(),
  constraint balance_is_not_negative check (balance >= 0)
) with (fillfactor = 70);

comment on table public.point_accounts is
  'One row for each member: the current points. Changed only by the ledger; correct it with '
  'ops.adjust_points(user_id, amount, reason).';
comment on column public.point_accounts.user_id is 'The member; nobody else can read the row.';
comment on column public.point_accounts.balance is
  'Points to spend now: the sum of the member''s transactions. Never negative.';
comment on column public.point_accounts.earned is 'Points ever received for completed tasks and as bonus.';
comment on column public.point_accounts.spent is
  'Points held for own tasks or redeemed, less what came back as refund.';
comment on column public.point_accounts.updated_at is 'Last transaction.';

alter table public.point_accounts enable row level security;
create policy point_accounts_are_readable_by_owner on public.point_accounts for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.point_accounts', 'authenticated, service_role');

create sequence private.point_transaction_ids;

create table public.point_transactions (
  id            bigint primary key,
  user_id       uuid not null references public.point_accounts (user_id) on delete restrict,
  task_id       uuid,
  redemption_id uuid,
  amount        integer not null,
  type          public.point_transaction_type not null,
  balance_after integer not null,
  description   text,
  metadata      jsonb,
  created_at    timestamptz not null default now()
);

comment on table public.point_transactions is
  'The ledger: every movement of points, append-only, readable by its owner. Inserting a row moves the balance.';
comment on column public.point_transactions.id is 'Order of booking; page the history by it (newest first).';
comment on column public.point_transactions.user_id is 'Whose points moved.';
comment on column public.point_transactions.task_id is 'The task it was for, if any.';
comment on column public.point_transactions.redemption_id is 'The redemption it was for, if any.';
comment on column public.point_transactions.amount is 'Points; positive is received, negative is given.';
comment on column public.point_transactions.type is
  'Why they moved; task_hold: for an own task posted with creator funding.';
comment on column public.point_transactions.balance_after is 'Balance right after this transaction; set by the ledger.';
comment on column public.point_transactions.description is 'Reason in words, for adjustments and refunds.';
comment on column public.point_transactions.metadata is 'Machine-readable facts, if any.';

create index point_transactions_by_user on public.point_transactions (user_id, id desc);
create unique index task_is_paid_once on public.point_transactions (task_id) where type = 'task_completed';
create index point_transactions_by_task on public.point_transactions (task_id)
  where type <> 'task_completed' and task_id is not null;
create unique index redemption_is_paid_and_refunded_once on public.point_transactions (redemption_id, type)
  where redemption_id is not null;

alter table public.point_transactions enable row level security;
create policy point_transactions_are_readable_by_owner on public.point_transactions for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.point_transactions', 'authenticated, service_role');

create trigger point_transactions_are_append_only before update or delete on public.point_transactions
  for each row execute function private.refuse_change();
create trigger point_transactions_are_not_truncated before truncate on public.point_transactions
  for each statement execute function private.refuse_change();

create table private.adjustment_keys (
  key            uuid primary key,
  transaction_id bigint not null
);

comment on table private.adjustment_keys is 'Idempotency keys with which ops.adjust_points was called.';
comment on column private.adjustment_keys.key is 'Chosen by the caller: a repetition with the same key books nothing.';
comment on column private.adjustment_keys.transaction_id is
  'The row of the ledger that was booked with it; no foreign key, so that none stands in the way of partitions.';

alter table private.adjustment_keys enable row level security;

-- schemas/points/admin.sql

create function ops.adjust_points(user_id uuid, amount integer, reason text, idempotency_key uuid default null)
returns public.point_transactions
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_transaction public.point_transactions;
  v_reason      text := private.clean_text(adjust_points.reason, 'reason', 1, private.max_message_length(), true);
begin
  if coalesce(adjust_points.amount, 0) = 0 or adjust_points.amount not between -1000000 and 1000000 then
    raise exception using errcode = 'PT400', message = 'amount_invalid',
      hint = 'The amount must be between -1000000 and 1000000 and not 0.';
  end if;
  if adjust_points.idempotency_key is not null then
    -- lock: a repetition that comes while the first is under way waits for it
    perform pg_catalog.pg_advisory_xact_lock(
      pg_catalog.hashtextextended('adjustment ' || adjust_points.idempotency_key, 0));
    select t.* into v_transaction
    from private.adjustment_keys k join public.point_transactions t on t.id = k.transaction_id
    where k.key = adjust_points.idempotency_key;
    if found then
      if (v_transaction.user_id, v_transaction.amount, v_transaction.description)
        is distinct from (adjust_points.user_id, adjust_points.amount, v_reason) then
        raise exception using errcode = 'PT409', message = 'idempotency_key_reused',
          hint = 'Choose a new key for another adjustment.';
      end if;
      return v_transaction;
    end if;
  end if;
  insert into public.point_transactions (user_id, amount, type, balance_after, description)
  values (adjust_points.user_id, adjust_points.amount, 'admin_adjustment', 0, v_reason)
  returning * into v_transaction;
  if adjust_points.idempotency_key is not null then
    insert into private.adjustment_keys (key, transaction_id)
    values (adjust_points.idempotency_key, v_transaction.id);
  end if;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'points_adjusted', adjust_points.user_id,
          pg_catalog.jsonb_build_object('transaction_id', v_transaction.id, 'amount', v_transaction.amount,
            'reason', v_reason));
  return v_transaction;
end $$;
comment on function ops.adjust_points(uuid, integer, text, uuid) is
  'Books a correction on a member''s account, with a reason the member can read, and returns the ledger row. The same '
  'idempotency_key books once. Errors: user_not_found, amount_invalid, text_blank, text_too_long, insufficient_points, '
  'idempotency_key_reused.';
grant execute on function ops.adjust_points(uuid, integer, text, uuid) to service_role;

-- schemas/points/audit.sql

create function private.audit_accounts()
returns table (problem text, subject_id text, detail text)
language sql stable set search_path = ''
as $$
  -- accounts equal their ledger
  select 'account_differs_from_ledger', a.user_id::text,
    pg_catalog.format('balance %s, earned %s, spent %s; ledger %s, %s, %s',
      a.balance, a.earned, a.spent, s.balance, s.earned, s.spent)
  from public.point_accounts a
  cross join lateral (
    select coalesce(sum(p.amount), 0) as balance,
      coalesce(sum(p.amount) filter (where p.type in ('task_completed', 'bonus')), 0) as earned,
      coalesce(-sum(p.amount) filter (where p.type in ('task_hold', 'redemption', 'refund')), 0) as spent
    from public.point_transactions p where p.user_id = a.user_id) s
  where (a.balance, a.earned, a.spent) is distinct from (s.balance, s.earned, s.spent)
  union all
  select 'member_without_account', u.id::text, null
  from public.users u where not exists (select from public.point_accounts a where a.user_id = u.id)
  union all
  -- every balance_after continues the one before
  select 'balance_after_breaks_chain', c.id::text, pg_catalog.format('%s, expected %s', c.balance_after, c.expected)
  from (select p.id, p.balance_after, sum(p.amount) over (partition by p.user_id order by p.id) as expected
    from public.point_transactions p) c
  where c.balance_after <> c.expected
$$;
comment on function private.audit_accounts() is 'Part of ops.audit_books: accounts and the chain of balances.';

-- schemas/points/reads.sql

create function public.points_balance(users public.users)
returns integer
language sql stable set search_path = ''
as $$ select a.balance from public.point_accounts a where a.user_id = users.id $$;
comment on function public.points_balance(public.users) is
  'Computed field users.points_balance: the caller''s own points; null on other members.';
grant execute on function public.points_balance(public.users) to authenticated, service_role;

-- schemas/points/rules.sql

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

-- schemas/points/settings.sql

alter table private.settings add column welcome_points integer not null default 0;

alter table private.settings
  add constraint welcome_points_is_between_0_and_10000 check (welcome_points between 0 and 10000);

comment on column private.settings.welcome_points is
  'Points booked as bonus at sign-up; needed to get started when creators pay rewards.';
