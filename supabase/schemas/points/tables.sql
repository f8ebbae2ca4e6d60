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
