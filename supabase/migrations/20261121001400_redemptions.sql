-- Written by npm run db:build from supabase/schemas/redemptions/: edit there.

-- schemas/redemptions/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.redemption_statuses() returns text[] language sql immutable set search_path = ''
  return array['pending', 'active', 'used', 'expired', 'cancelled', 'failed'];
comment on function private.redemption_statuses() is
  'Where a redemption is in its life. Pending: the partner has not answered yet.';

-- no check: private.keep_possible_status refuses what it does not know
create domain public.redemption_status as text;
comment on domain public.redemption_status is 'One of private.redemption_statuses().';

create domain public.redemption_end_reason as text constraint redemption_end_reason_is_known check (value in (
  'returned', 'partner_cancelled', 'account_deleted', 'partner_refused', 'partner_silent', 'partner_code_duplicate'));
comment on domain public.redemption_end_reason is
  'Why a redemption was cancelled or failed; the points are back in each case.';

-- schemas/redemptions/settings.sql

alter table private.settings
  add column redemption_requires_verified_email boolean not null default true,
  add column partner_answer_minutes integer not null default 60,
  add column return_limit_per_day integer not null default 20,
  add constraint partner_answer_minutes_is_between_2_and_10080 check (partner_answer_minutes between 2 and 10080),
  add constraint return_limit_per_day_is_not_negative check (return_limit_per_day >= 0);

comment on column private.settings.redemption_requires_verified_email is
  'Only members whose e-mail address is confirmed can redeem points.';
comment on column private.settings.partner_answer_minutes is
  'Minutes after which a partner that gave no clear answer loses the redemption: the points go back.';
comment on column private.settings.return_limit_per_day is
  'Most codes a member may give back in 24 hours: without it the same points buy codes, and make work for partners, '
  'without end.';

-- schemas/redemptions/tables.sql

-- Room: redemptions. Points become codes, exactly once: a member redeems a reward, a till checks and uses the code,
-- deadlines end what nobody ended. Every movement of points goes through the ledger (room points); every command here
-- locks in the order member (an advisory lock) or redemption, then account, then stock. All commands are executable
-- by service_role alone: codes are made and sealed by the edge functions, and a member who could pass a code of their
-- own would be asked to trust themselves.

create table public.redemptions (
  id                   uuid primary key,
  -- no foreign keys: the only writer has read member and reward in the same transaction, members are never deleted,
  -- rewards not once they were redeemed (private.keep_redeemed_reward); checking again cost a tenth of the speed
  user_id              uuid not null,
  partner_id           uuid not null,
  reward_id            uuid not null,
  idempotency_key      uuid not null,
  points_spent         integer not null,
  discount_type        public.discount_type not null,
  discount_value       numeric(10, 2),
  discount_currency    text,
  partner_name         text not null,
  title_de             text not null,
  title_en             text not null,
  status               public.redemption_status not null,
  end_reason           public.redemption_end_reason,
  till_reference       text,
  expiry_refund_points integer not null,
  redeemed_at          timestamptz not null default now(),
  expires_at           timestamptz not null,
  returnable_until     timestamptz,
  used_at              timestamptz,
  ended_at             timestamptz
) with (fillfactor = 80);

comment on table public.redemptions is
  'Points turned into discounts. Readable by the member; the code itself is only given out by the edge function '
  'redeem.';
comment on column public.redemptions.id is 'Identity, in order of time.';
comment on column public.redemptions.idempotency_key is
  'Chosen by the app: a repetition with the same key gives the same redemption.';
comment on column public.redemptions.points_spent is 'Price in points at that moment.';
comment on column public.redemptions.discount_type is
  'What it gives, as promised at that moment.';
comment on column public.redemptions.discount_value is 'Per cent or amount of money, as promised at that moment.';
comment on column public.redemptions.discount_currency is 'ISO 4217 code for fixed_amount, else null.';
comment on column public.redemptions.partner_name is 'Name of the partner at that moment.';
comment on column public.redemptions.title_de is 'Title of the reward in German at that moment.';
comment on column public.redemptions.title_en is 'Title of the reward in English at that moment.';
comment on column public.redemptions.status is 'Where it is in its life.';
comment on column public.redemptions.end_reason is
  'Why it was cancelled or failed.';
comment on column public.redemptions.till_reference is 'Where it was used: the till''s own reference.';
comment on column public.redemptions.expiry_refund_points is 'Points that come back when the code expires unused.';
comment on column public.redemptions.expires_at is 'Until when the code can be used.';
comment on column public.redemptions.returnable_until is 'Until when the member may give it back unused; null: never.';
comment on column public.redemptions.used_at is
  'When it was used; uses that a partner reports late count in the month of the report.';

create unique index redemption_is_begun_once on public.redemptions (user_id, idempotency_key);
create index redemptions_by_partner on public.redemptions (partner_id, id desc);
create index redemptions_by_use on public.redemptions (partner_id, used_at, id) where used_at is not null;
create index redemptions_by_expiry on public.redemptions (expires_at) where status = 'active';

alter table public.redemptions enable row level security;
create policy redemptions_are_readable_by_member on public.redemptions for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.redemptions', 'authenticated, service_role');

create table private.partner_requests (
  redemption_id   uuid primary key references public.redemptions (id) on delete restrict,
  partner_id      uuid not null,
  attempts        integer not null default 1,
  next_attempt_at timestamptz not null,
  deadline_at     timestamptz not null,
  last_error      text
) with (fillfactor = 70);

comment on table private.partner_requests is 'Redemptions that wait for a code from a partner''s own system.';
comment on column private.partner_requests.redemption_id is
  'The redemption; its id is the idempotency key towards the partner.';
comment on column private.partner_requests.partner_id is 'Whom to ask: the partner of the redemption.';
comment on column private.partner_requests.attempts is 'Attempts so far.';
comment on column private.partner_requests.next_attempt_at is
  'When the partner is asked again; while somebody asks, when their lease ends.';
comment on column private.partner_requests.deadline_at is 'When the points go back without a code.';
comment on column private.partner_requests.last_error is 'Why there is no code yet.';

create index partner_requests_due on private.partner_requests (partner_id, next_attempt_at);

alter table private.partner_requests enable row level security;

create table private.partner_events (
  partner_id    uuid not null references public.partners (id) on delete cascade,
  event_id      text not null,
  type          text not null,
  redemption_id uuid,
  outcome       text not null,
  occurred_at   timestamptz not null,
  received_at   timestamptz not null default now(),
  primary key (partner_id, event_id),
  constraint event_id_has_1_to_255_characters check (char_length(event_id) between 1 and 255)
);

comment on table private.partner_events is
  'Events that partners sent, each once: the replay store, and the record of what they changed.';
comment on column private.partner_events.event_id is 'The sender''s webhook-id.';
comment on column private.partner_events.type is 'code.issued, code.used, code.cancelled.';
comment on column private.partner_events.outcome is
  'applied, ignored (it was final already), conflict (used there, but the points were given back here).';

alter table private.partner_events enable row level security;

-- schemas/redemptions/rules.sql

create function private.keep_redemption_final()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT409', message = 'ledger_is_append_only',
    detail = tg_table_schema || '.' || tg_table_name,
    hint = 'A redemption is never deleted, and what has ended stays as it is.';
end $$;
comment on function private.keep_redemption_final() is
  'Trigger on redemptions: refuses deletion, and every change of one that has ended. Raises PT409 '
  'ledger_is_append_only.';
create trigger redemptions_stay_final before update on public.redemptions
  for each row when (old.status in ('used', 'expired', 'cancelled', 'failed'))
  execute function private.keep_redemption_final();
create trigger redemptions_are_not_deleted before delete on public.redemptions
  for each row execute function private.keep_redemption_final();
create trigger redemptions_are_not_truncated before truncate on public.redemptions
  for each statement execute function private.keep_redemption_final();

create function private.status_fits_its_moments(status text, used_at timestamptz, ended_at timestamptz)
returns boolean
language plpgsql immutable set search_path = ''
as $$
begin
  return case
    when status in ('pending', 'active') then used_at is null and ended_at is null
    when status = 'used' then used_at is not null and ended_at is null
    when status in ('expired', 'cancelled', 'failed') then used_at is null and ended_at is not null
    else false end;
end $$;
comment on function private.status_fits_its_moments(text, timestamptz, timestamptz) is
  'Whether a redemption has the moments that its status promises.';

create function private.keep_possible_status()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if not private.status_fits_its_moments(new.status, new.used_at, new.ended_at) then
    raise exception using errcode = 'PT400', message = 'status_invalid', detail = new.status,
      hint = 'This status does not fit used_at and ended_at.';
  end if;
  return new;
end $$;
comment on function private.keep_possible_status() is
  'Trigger on redemptions: refuses to change a status to one that is unknown or lacks its moment. No CHECK, which '
  'cost a thirtieth of every redemption: the first status is written in one place. Raises PT400 status_invalid.';
create trigger redemptions_stay_possible before update on public.redemptions
  for each row execute function private.keep_possible_status();

create function private.keep_redeemed_reward()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_is_in_use boolean := tg_op = 'TRUNCATE';
begin
  if not v_is_in_use then
    -- retired for an hour: nobody is redeeming it right now
    v_is_in_use := old.is_active or old.updated_at > now() - interval '1 hour'
      or exists (select from public.redemptions r where r.partner_id = old.partner_id and r.reward_id = old.id);
  end if;
  if v_is_in_use then
    raise exception using errcode = 'PT409', message = 'reward_in_use',
      hint = 'Retire a reward instead (is_active = false); one that nobody redeemed can be deleted an hour later.';
  end if;
  delete from private.reward_codes c where c.partner_id = old.partner_id and c.reward_id = old.id;
  return old;
end $$;
comment on function private.keep_redeemed_reward() is
  'Trigger on rewards: refuses to delete what was or may just be redeemed, and TRUNCATE; takes the codes of a pool '
  'along. Raises PT409 reward_in_use.';
create trigger rewards_stay_once_redeemed before delete on public.rewards
  for each row execute function private.keep_redeemed_reward();
create trigger rewards_are_not_truncated before truncate on public.rewards
  for each statement execute function private.keep_redeemed_reward();

create function private.keep_redeemed_stock()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_reward_id uuid := case when tg_op = 'INSERT' then new.reward_id else old.reward_id end;
begin
  -- through the reward, whose partner's redemptions have an index; a reward that is being deleted has none
  if exists (
    select from public.rewards w join public.redemptions r on r.partner_id = w.partner_id and r.reward_id = w.id
    where w.id = v_reward_id)
  then
    raise exception using errcode = 'PT409', message = 'stock_not_editable',
      hint = 'A reward that was redeemed keeps its stock, or stays unlimited. Retire it and create another one.';
  end if;
  return case when tg_op = 'INSERT' then new else old end;
end $$;
comment on function private.keep_redeemed_stock() is
  'Trigger on reward_stocks: once a reward was redeemed, it neither gets a stock, which would not count what was '
  'given out, nor loses it. Raises PT409 stock_not_editable.';
create trigger reward_stocks_stay_once_redeemed before insert or delete on public.reward_stocks
  for each row execute function private.keep_redeemed_stock();

-- schemas/redemptions/admin.sql

create function private.audit_redemptions()
returns table (problem text, subject_id text, detail text)
language sql stable set search_path = ''
as $$
  -- every redemption was paid once and refunded exactly as it ended
  select 'redemption_not_paid_right', r.id::text,
    pg_catalog.format('%s is %s: paid %s times %s, refunded %s times %s of %s',
      r.id, r.status, b.payments, b.paid, b.refunds, b.refunded, r.points_spent)
  from public.redemptions r
  cross join lateral (
    select count(*) filter (where p.type = 'redemption') as payments,
      coalesce(-sum(p.amount) filter (where p.type = 'redemption'), 0) as paid,
      count(*) filter (where p.type = 'refund') as refunds,
      coalesce(sum(p.amount) filter (where p.type = 'refund'), 0) as refunded
    from public.point_transactions p
    where p.redemption_id = r.id and p.user_id = r.user_id and p.type in ('redemption', 'refund')) b
  where (b.payments, b.paid) is distinct from (1, r.points_spent)
     or b.refunded <> case when r.status in ('cancelled', 'failed') then r.points_spent
       when r.status = 'expired' then r.expiry_refund_points else 0 end
     or b.refunds > 1
  union all
  select 'payment_without_redemption', p.id::text, p.redemption_id::text
  from public.point_transactions p
  where p.redemption_id is not null
    and not exists (select from public.redemptions r where r.id = p.redemption_id and r.user_id = p.user_id)
  union all
  select 'redemption_status_impossible', r.id::text, r.status
  from public.redemptions r where not private.status_fits_its_moments(r.status, r.used_at, r.ended_at)
  union all
  select 'redemption_without_reward', r.id::text, r.reward_id::text
  from public.redemptions r
  where not exists (select from public.rewards w where w.id = r.reward_id and w.partner_id = r.partner_id)
     or not exists (select from public.users u where u.id = r.user_id)
  union all
  -- a code that can be used is there, and belongs to what it was given for
  select 'active_redemption_without_code', r.id::text, null
  from public.redemptions r
  where r.status = 'active' and not exists (select from private.reward_codes c where c.redemption_id = r.id)
  union all
  select 'code_of_another_reward', c.id::text, c.redemption_id::text
  from private.reward_codes c left join public.redemptions r on r.id = c.redemption_id
  where c.redemption_id is not null and (r.partner_id, r.reward_id) is distinct from (c.partner_id, c.reward_id)
  union all
  select 'pending_redemption_not_queued', r.id::text, null
  from public.redemptions r
  where r.status = 'pending' and not exists (select from private.partner_requests q where q.redemption_id = r.id)
  union all
  select 'queued_redemption_not_pending', r.id::text, r.status
  from private.partner_requests q join public.redemptions r on r.id = q.redemption_id where r.status <> 'pending'
  union all
  -- stocks count what was given out and did not come back; a pool counts its codes
  select 'stock_differs', s.reward_id::text,
    pg_catalog.format('taken %s of %s, given out %s of %s', s.taken, s.total, g.taken, g.total)
  from public.reward_stocks s join public.rewards w on w.id = s.reward_id
  cross join lateral (
    select count(*) filter (where w.code_source = 'pool' or r.status not in ('cancelled', 'failed')) as taken,
      case when w.code_source = 'pool' then
        (select count(*) from private.reward_codes c where c.reward_id = w.id and c.redemption_id is null)
        + count(r.id) else s.total end as total
    from public.redemptions r where r.reward_id = w.id) g
  where (s.taken, s.total) is distinct from (g.taken, g.total)
  union all
  select 'reward_limit_not_marked', w.id::text, null
  from public.rewards w
  where w.is_limited <> exists (select from public.reward_stocks s where s.reward_id = w.id)
    or (w.code_source = 'pool' and not w.is_limited)
$$;
comment on function private.audit_redemptions() is
  'Part of ops.audit_books: payments, refunds, codes, requests, stocks.';

create function ops.audit_books()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  select * from private.audit_accounts()
  union all select * from private.audit_payments()
  union all select * from private.audit_redemptions()
$$;
comment on function ops.audit_books() is
  'Proves the books: returns one row for each problem, none when everything is right. Reads every transaction; run '
  'it off-peak on large data.';
grant execute on function ops.audit_books() to service_role, app_read;

-- schemas/redemptions/jobs.sql

create function private.expire_redemptions(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  processed := 0; failed := 0;
  for v_redemption in
    select r.* from public.redemptions r where r.status = 'active' and r.expires_at <= as_of
    order by r.expires_at limit batch for no key update skip locked
  loop
    begin
      perform private.end_redemption(v_redemption, 'expired', null, v_redemption.expiry_refund_points);
      processed := processed + 1;
    exception when others then  -- one bad row must not hold up the others; it is reported and tried again next time
      failed := failed + 1;
      raise warning 'redemption % could not expire: % %', v_redemption.id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.expire_redemptions(timestamptz, integer) is
  'Job: expires codes past their term with the refund their reward promises.';

create function private.refund_unanswered(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
  v_freed      uuid[] := array[]::uuid[];
begin
  processed := 0; failed := 0;
  for v_redemption in
    -- nobody starts asking after the deadline, and by now every lease has ended
    select r.* from private.partner_requests q join public.redemptions r on r.id = q.redemption_id
    where q.deadline_at <= as_of - private.lease_length() and r.status = 'pending'
    order by q.deadline_at limit batch for no key update of r skip locked
  loop
    begin
      perform private.end_redemption(v_redemption, 'failed', 'partner_silent', v_redemption.points_spent, true);
      v_freed := v_freed || v_redemption.reward_id;
      processed := processed + 1;
    exception when others then  -- as above
      failed := failed + 1;
      raise warning 'redemption % could not be refunded: % %', v_redemption.id, sqlstate, sqlerrm;
    end;
  end loop;
  -- after all accounts, as everywhere: whoever redeems holds an account and waits for the stock
  perform private.give_stock_back(f.reward_id, f.count)
  from (select w as reward_id, count(*)::integer as count from pg_catalog.unnest(v_freed) w group by w order by w) f;
end $$;
comment on function private.refund_unanswered(timestamptz, integer) is
  'Job: refunds redemptions whose partner stayed silent.';

create function private.end_test_codes(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  failed := 0;
  perform private.end_test_code(private.lock_test_code(d.partner_id, id => d.id), 'expired')
  from (select t.id, w.partner_id from private.test_codes t join public.rewards w on w.id = t.reward_id
        where t.status = 'active' and t.expires_at <= as_of
        order by t.expires_at limit batch for no key update of t skip locked) d;
  get diagnostics processed = row_count;
  delete from private.test_codes c where c.id = any (array(
    select t.id from private.test_codes t where t.expires_at < as_of - interval '7 days'
    order by t.expires_at limit batch for update skip locked));
end $$;
comment on function private.end_test_codes(timestamptz, integer) is
  'Job: ends test codes past their term, and forgets them a week later.';

create function private.has_work_for_sweep_redemptions()
returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from private.partner_requests q where q.next_attempt_at <= now() and q.deadline_at > now())
$$;
comment on function private.has_work_for_sweep_redemptions() is 'Whether a partner is to be asked again.';

insert into private.jobs (job, room, step, every) values
  ('expire_redemptions', 'redemptions', 30, '1 minute'),
  ('refund_unanswered', 'redemptions', 31, '1 minute'),
  ('end_test_codes', 'redemptions', 32, '1 minute');
-- undo: delete from private.jobs where room = 'redemptions';

insert into private.jobs (job, room, runs_in) values ('sweep_redemptions', 'redemptions', 'function');
-- undo: nothing

-- schemas/redemptions/member_commands.sql

create function public.begin_redemption(member_id uuid, reward_id uuid, expected_points integer, idempotency_key uuid,
  code_hash text, code_ciphertext text)
returns json
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_member     record;
  v_reward     record;
  v_redemption public.redemptions;
  v_id         uuid;
  v_view       record;
  v_request    jsonb;
  v_taken      integer;
  v_total      integer;
  v_ciphertext text := code_ciphertext;
begin
  perform private.require_argument(idempotency_key is not null, 'idempotency_key');
  -- lock: one member's redemptions run one after the other; in memory, because the member's row does not change
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(member_id::text, 0));
  -- guard
  select u.is_active, u.is_banned, u.is_email_verified into v_member
  from public.users u where u.id = begin_redemption.member_id;
  if not found then
    raise exception using errcode = 'PT401', message = 'not_signed_in', hint = 'Please sign in first.';
  end if;
  if not v_member.is_active then
    raise exception using errcode = 'PT403', message = 'user_inactive', hint = 'This account was deleted.';
  end if;

  -- a repetition gets the answer of the first time, whatever has changed since
  select r.* into v_redemption from public.redemptions r
  where r.user_id = begin_redemption.member_id and r.idempotency_key = begin_redemption.idempotency_key;
  if found then
    if (v_redemption.reward_id, v_redemption.points_spent)
      is distinct from (begin_redemption.reward_id, begin_redemption.expected_points) then
      raise exception using errcode = 'PT409', message = 'idempotency_key_reused',
        hint = 'Choose a new key for another redemption.';
    end if;
    return pg_catalog.json_build_object('redemption', private.redemption_json(v_redemption), 'request', null,
      'code_ciphertext', (select c.ciphertext from private.reward_codes c where c.redemption_id = v_redemption.id));
  end if;

  select w.partner_id, w.title_de, w.title_en, w.points_cost, w.discount_type, w.discount_value, w.discount_currency,
    w.valid_from, w.valid_until, w.limit_per_member, w.limit_period, w.code_source, w.code_valid_days, w.return_days,
    w.expiry_refund_percent, w.is_active, w.is_limited, p.name as partner_name, p.is_active as partner_is_active,
    exists (select from private.webhook_endpoints e where e.partner_id = w.partner_id and e.is_enabled) as is_listening
  into v_reward
  from public.rewards w join public.partners p on p.id = w.partner_id
  where w.id = begin_redemption.reward_id;

  -- check
  if v_member.is_banned then
    raise exception using errcode = 'PT403', message = 'user_banned',
      hint = 'This account is banned; see user_bans for the reason.';
  end if;
  if v_reward.partner_id is null then
    raise exception using errcode = 'PT404', message = 'reward_not_found', hint = 'There is no such reward.';
  end if;
  if not v_member.is_email_verified and (select s.redemption_requires_verified_email from private.settings s) then
    raise exception using errcode = 'PT403', message = 'email_not_verified',
      hint = 'Please confirm your e-mail address first.';
  end if;
  if not (v_reward.is_active and v_reward.partner_is_active) then
    raise exception using errcode = 'PT409', message = 'reward_inactive', hint = 'This reward is no longer offered.';
  end if;
  if v_reward.valid_from > now() then
    raise exception using errcode = 'PT409', message = 'reward_not_started', detail = v_reward.valid_from::text,
      hint = 'This reward cannot be redeemed yet.';
  end if;
  if v_reward.valid_until <= now() then
    raise exception using errcode = 'PT409', message = 'reward_ended', detail = v_reward.valid_until::text,
      hint = 'This reward can no longer be redeemed.';
  end if;
  if v_reward.points_cost is distinct from begin_redemption.expected_points then
    raise exception using errcode = 'PT409', message = 'price_changed', detail = v_reward.points_cost::text,
      hint = 'The detail tells the current price in points.';
  end if;
  if v_reward.code_source = 'partner_api'
    and not exists (select from private.partner_connections c where c.partner_id = v_reward.partner_id) then
    raise exception using errcode = 'PT409', message = 'reward_inactive', detail = 'partner_not_connected',
      hint = 'This reward is not offered yet.';
  end if;
  if v_reward.limit_per_member is not null then
    if (select count(*) from public.redemptions r
        where r.reward_id = begin_redemption.reward_id and r.user_id = begin_redemption.member_id
          and r.status not in ('cancelled', 'failed')
          and r.redeemed_at >= (select case when v_reward.limit_period is null then '-infinity'
            else private.day_begins_at(private.community_period(v_reward.limit_period, now())) end)
       ) >= v_reward.limit_per_member then
      raise exception using errcode = 'PT409', message = 'reward_limit_reached',
        detail = v_reward.limit_per_member::text,
        hint = 'This reward was redeemed as often as one member may.';
    end if;
  end if;

  -- act: debit first, which refuses when the points are not there
  v_id := private.new_redemption_id();
  insert into public.point_transactions (user_id, redemption_id, amount, type, balance_after)
  values (begin_redemption.member_id, v_id, -v_reward.points_cost, 'redemption', 0);

  insert into public.redemptions as r
    (id, user_id, partner_id, reward_id, idempotency_key, points_spent, discount_type, discount_value,
      discount_currency, partner_name, title_de, title_en, status, expiry_refund_points, expires_at, returnable_until)
  values (v_id, begin_redemption.member_id, v_reward.partner_id, begin_redemption.reward_id,
    begin_redemption.idempotency_key, v_reward.points_cost, v_reward.discount_type, v_reward.discount_value,
    v_reward.discount_currency, v_reward.partner_name, v_reward.title_de, v_reward.title_en,
    case when v_reward.code_source = 'partner_api' then 'pending' else 'active' end,
    v_reward.points_cost::bigint * v_reward.expiry_refund_percent / 100,
    now() + pg_catalog.make_interval(days => v_reward.code_valid_days),
    case when v_reward.return_days > 0
      then now() + pg_catalog.make_interval(days => least(v_reward.return_days, v_reward.code_valid_days)) end)
  -- the columns of private.redemption_json; as json, which costs less to write than jsonb
  returning r.id, r.reward_id, r.partner_id, r.partner_name, r.title_de, r.title_en, r.points_spent, r.discount_type,
    r.discount_value, r.discount_currency, r.status, r.end_reason, r.redeemed_at, r.expires_at, r.returnable_until,
    r.used_at, r.ended_at into v_view;

  if v_reward.code_source = 'generated' then
    insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext, redemption_id)
    values (v_reward.partner_id, begin_redemption.reward_id, begin_redemption.code_hash::bytea,
      begin_redemption.code_ciphertext, v_id);
  end if;

  if v_reward.is_limited or v_reward.code_source = 'pool' then
    -- the one row that all members share: taken last, held shortest
    update public.reward_stocks s set taken = s.taken + 1
    where s.reward_id = begin_redemption.reward_id and s.taken < s.total
    returning s.taken, s.total into v_taken, v_total;
    if not found then
      raise exception using errcode = 'PT409', message = 'reward_sold_out', hint = 'This reward is sold out.';
    end if;
  end if;

  if v_reward.code_source = 'pool' then
    -- the stock row is locked, so nobody else is choosing from this pool
    update private.reward_codes c set redemption_id = v_id
    where (c.code_hash, c.partner_id) = (
      select k.code_hash, k.partner_id from private.reward_codes k
      where k.reward_id = begin_redemption.reward_id and k.redemption_id is null order by k.id limit 1)
      and c.redemption_id is null
    returning c.ciphertext into strict v_ciphertext;
  elsif v_reward.code_source = 'partner_api' then
    v_ciphertext := null;
    insert into private.partner_requests (redemption_id, partner_id, next_attempt_at, deadline_at)
    select v_id, v_reward.partner_id, now() + private.lease_length(),
      now() + pg_catalog.make_interval(mins => s.partner_answer_minutes)
    from private.settings s;
  end if;

  -- record
  if v_reward.is_listening or v_view.status = 'pending' then
    select r.* into v_redemption from public.redemptions r where r.id = v_id;
    if v_view.status = 'pending' then
      v_request := private.partner_request_json(v_redemption, 1);
    else
      perform private.emit_redemption(v_redemption, 'redemption.created');
    end if;
    if v_taken = v_total then
      perform private.emit_webhook(v_reward.partner_id, 'reward.sold_out',
        pg_catalog.jsonb_build_object('reward_id', begin_redemption.reward_id, 'total', v_total));
    end if;
  end if;
  return pg_catalog.json_build_object('redemption', pg_catalog.row_to_json(v_view), 'code_ciphertext', v_ciphertext,
    'request', v_request);
end $$;
comment on function public.begin_redemption(uuid, uuid, integer, uuid, text, text) is
  'Spends a member''s points on a reward: {redemption, code_ciphertext, request}. The given sealed code is attached '
  'to generated rewards; request is set when a partner must be asked for the code now. The same key gives the same '
  'redemption. Errors: not_signed_in, user_inactive, user_banned, email_not_verified, reward_not_found, '
  'reward_inactive, reward_not_started, reward_ended, price_changed (detail = current price), reward_limit_reached, '
  'reward_sold_out, insufficient_points, idempotency_key_reused, validation_failed. For the edge function redeem.';
grant execute on function public.begin_redemption(uuid, uuid, integer, uuid, text, text) to service_role;

create function public.read_redemption(member_id uuid, redemption_id uuid)
returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  select r.* into v_redemption from public.redemptions r join public.users u on u.id = r.user_id and u.is_active
  where r.id = read_redemption.redemption_id and r.user_id = read_redemption.member_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'redemption_not_found', hint = 'There is no such redemption.';
  end if;
  return pg_catalog.jsonb_build_object('redemption', private.redemption_json(v_redemption),
    'code_ciphertext', (select c.ciphertext from private.reward_codes c where c.redemption_id = v_redemption.id));
end $$;
comment on function public.read_redemption(uuid, uuid) is
  'A member''s own redemption with its sealed code: {redemption, code_ciphertext}. Errors: redemption_not_found. For '
  'the edge function redeem.';
grant execute on function public.read_redemption(uuid, uuid) to service_role;

create function public.return_redemption(member_id uuid, redemption_id uuid)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  select r.* into v_redemption from public.redemptions r join public.users u on u.id = r.user_id and u.is_active
  where r.id = return_redemption.redemption_id and r.user_id = return_redemption.member_id for no key update of r;
  if not found then
    raise exception using errcode = 'PT404', message = 'redemption_not_found', hint = 'There is no such redemption.';
  end if;
  if v_redemption.status = 'cancelled' and v_redemption.end_reason = 'returned' then
    return pg_catalog.jsonb_build_object('redemption', private.redemption_json(v_redemption));
  end if;
  if v_redemption.status = 'pending' then
    raise exception using errcode = 'PT409', message = 'redemption_pending', hint = 'The partner has not answered yet.';
  end if;
  if v_redemption.status <> 'active' or v_redemption.returnable_until is null
    or v_redemption.returnable_until <= now() or v_redemption.expires_at <= now() then
    raise exception using errcode = 'PT409', message = 'redemption_not_returnable', detail = v_redemption.status,
      hint = 'This code can no longer be given back.';
  end if;
  perform private.count_action(v_redemption.user_id, 'return_limit_reached',
    (select s.return_limit_per_day from private.settings s));
  v_redemption := private.end_redemption(v_redemption, 'cancelled', 'returned', v_redemption.points_spent);
  return pg_catalog.jsonb_build_object('redemption', private.redemption_json(v_redemption));
end $$;
comment on function public.return_redemption(uuid, uuid) is
  'Gives an unused code back within the reward''s window and refunds the points: {redemption}. Repeating it gives '
  'the same answer. Errors: redemption_not_found, redemption_pending, redemption_not_returnable, '
  'return_limit_reached. For the edge function redeem.';
grant execute on function public.return_redemption(uuid, uuid) to service_role;

-- schemas/redemptions/partner_events.sql

create function private.mark_used(redemption public.redemptions, till_reference text, used_at timestamptz)
returns public.redemptions
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  update public.redemptions r
  set status = 'used', used_at = mark_used.used_at, till_reference = pg_catalog.left(mark_used.till_reference, 64)
  where r.id = redemption.id
  returning r.* into v_redemption;
  delete from private.partner_requests q where q.redemption_id = redemption.id;
  insert into private.audit_log (action, subject_id) values ('redemption_used', redemption.id);
  perform private.emit_redemption(v_redemption, 'redemption.used');
  return v_redemption;
end $$;
comment on function private.mark_used(public.redemptions, text, timestamptz) is
  'Marks a locked pending or active redemption as used.';

create function public.record_partner_event(partner_id uuid, event_id text, event_type text, occurred_at timestamptz,
  redemption_id uuid, code_hash text, code_ciphertext text, details jsonb)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions;
  v_outcome    text;
begin
  perform private.require_argument(pg_catalog.char_length(event_id) between 1 and 255, 'event_id');
  perform private.require_argument(event_type is not null, 'event_type');
  perform private.require_argument(occurred_at is not null, 'occurred_at');
  if not exists (select from public.partners p where p.id = record_partner_event.partner_id) then
    raise exception using errcode = 'PT404', message = 'partner_not_found', hint = 'There is no such partner.';
  end if;
  insert into private.partner_events (partner_id, event_id, type, outcome, occurred_at)
  values (record_partner_event.partner_id, record_partner_event.event_id, record_partner_event.event_type, 'ignored',
    record_partner_event.occurred_at)
  on conflict do nothing;
  if not found then
    return pg_catalog.jsonb_build_object('outcome', 'duplicate');
  end if;
  -- the sender's own rows only: by our id, or by the code
  select r.* into v_redemption from public.redemptions r
  where r.partner_id = record_partner_event.partner_id
    and r.id = coalesce(record_partner_event.redemption_id, (
      select c.redemption_id from private.reward_codes c
      where c.partner_id = record_partner_event.partner_id and c.code_hash = record_partner_event.code_hash::bytea))
  for no key update;
  if not found then
    -- not kept: it may have overtaken the one before it, and its repetition can succeed
    delete from private.partner_events e
    where e.partner_id = record_partner_event.partner_id and e.event_id = record_partner_event.event_id;
    return pg_catalog.jsonb_build_object('outcome', 'not_found');
  elsif event_type <> 'code.issued' and exists (
    select from private.reward_codes c
    where c.partner_id = record_partner_event.partner_id
      and (c.code_hash = record_partner_event.code_hash::bytea or c.redemption_id = v_redemption.id)
      and (c.code_hash = record_partner_event.code_hash::bytea)
        <> (c.redemption_id is not distinct from v_redemption.id)
  ) then
    v_outcome := 'conflict';  -- it names one redemption and the code of another
  elsif event_type = 'code.issued' and record_partner_event.code_hash is not null then
    v_outcome := case public.record_partner_code(v_redemption.id, record_partner_event.code_hash,
        record_partner_event.code_ciphertext, (details ->> 'expires_at')::timestamptz) ->> 'outcome'
      when 'attached' then 'applied' when 'repeated' then 'ignored' when 'ended' then 'ignored' else 'conflict' end;
  elsif event_type = 'code.used' then
    if v_redemption.status in ('pending', 'active') then
      -- never in a month that is settled already
      perform private.mark_used(v_redemption, details ->> 'till_reference',
        least(now(), greatest(v_redemption.redeemed_at,
          private.day_begins_at(private.community_period('month', now())),
          coalesce((details ->> 'used_at')::timestamptz, record_partner_event.occurred_at))));
      v_outcome := 'applied';
    else
      v_outcome := case when v_redemption.status = 'used' then 'ignored' else 'conflict' end;
    end if;
  elsif event_type = 'code.cancelled' then
    if v_redemption.status in ('pending', 'active') then
      perform private.end_redemption(v_redemption, 'cancelled', 'partner_cancelled', v_redemption.points_spent);
      v_outcome := 'applied';
    else
      v_outcome := case when v_redemption.status = 'used' then 'conflict' else 'ignored' end;
    end if;
  else
    v_outcome := 'ignored';
  end if;
  update private.partner_events e set outcome = v_outcome, redemption_id = v_redemption.id
  where e.partner_id = record_partner_event.partner_id and e.event_id = record_partner_event.event_id;
  return pg_catalog.jsonb_build_object('outcome', v_outcome);
end $$;
comment on function public.record_partner_event(uuid, text, text, timestamptz, uuid, text, text, jsonb) is
  'Applies an event code.issued, code.used or code.cancelled of a partner to one of its own redemptions, once: '
  '{outcome: applied, duplicate, ignored, conflict, not_found (not kept, may come again)}. Errors: partner_not_found, '
  'validation_failed. For the edge function partner-events.';
grant execute on function public.record_partner_event(uuid, text, text, timestamptz, uuid, text, text, jsonb)
  to service_role;

-- schemas/redemptions/partner_requests.sql

create function private.code_addressee(partner_id uuid)
returns private.addressee
language sql stable set search_path = ''
as $$
  select row('partner_code', code_addressee.partner_id, (select private.host_of(c.url)
    from private.partner_connections c where c.partner_id = code_addressee.partner_id))::private.addressee
$$;
comment on function private.code_addressee(uuid) is 'A partner and the host that is asked for its codes.';

create function public.claim_partner_requests(batch integer default 20, under_way uuid[] default '{}')
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_batch     integer := greatest(1, least(100, coalesce(batch, 20)));
  v_under_way private.addressee[];
  v_partners  text[];
  v_shares    integer[];
  v_requests  jsonb;
begin
  v_under_way := array(select private.code_addressee(q.partner_id) from private.partner_requests q
    where q.redemption_id = any (claim_partner_requests.under_way));
  with p as materialized (
    select w.id, private.code_addressee(w.id) as addressee, pg_catalog.row_number() over (order by f.due_at) as turn
    from public.partners w cross join lateral (
      select min(q.next_attempt_at) as due_at from private.partner_requests q
      where q.partner_id = w.id and q.next_attempt_at <= now() and q.deadline_at > now()) f
    where f.due_at is not null
  ), o as (
    select p.id::text, p.turn,
      least(r.for_owner, r.for_host, case when r.is_stranger then r.for_strangers end) as room
    from p join private.room_at(array(select x.addressee from p x order by x.turn), v_under_way,
      v_batch + pg_catalog.cardinality(v_under_way)) r on r.turn = p.turn and r.paused_until <= now()
  )
  select pg_catalog.array_agg(o.id order by o.turn), pg_catalog.array_agg(o.room order by o.turn)
  into v_partners, v_shares from o where o.room > 0;
  with due as materialized (
    select q.redemption_id, private.code_addressee(q.partner_id) as addressee, pg_catalog.row_number() over () as turn
    from private.lock_due(null::private.partner_requests, 'q.partner_id = l.lane::uuid and q.deadline_at > now()',
      v_partners, v_shares, v_batch) q
  ), claimed as (
    update private.partner_requests q
    set attempts = q.attempts + 1, next_attempt_at = now() + private.lease_length()
    from due join private.admit(array(select d.addressee from due d order by d.turn), v_under_way, v_batch) a
      on a.turn = due.turn and a.is_admitted
    where q.redemption_id = due.redemption_id
    returning q.redemption_id, q.attempts
  )
  select pg_catalog.jsonb_agg(private.partner_request_json(r.*::public.redemptions, c.attempts)) into v_requests
  from claimed c join public.redemptions r on r.id = c.redemption_id;
  return coalesce(v_requests, '[]');
end $$;
comment on function public.claim_partner_requests(integer, uuid[]) is
  'Hands out redemptions whose partner is to be asked again, for 60 seconds each: [{redemption_id, url, secrets, '
  'attempt, body}]. With what the caller has under way already, partners and hosts get their share of the slots. '
  'For the edge function sweep-redemptions.';
grant execute on function public.claim_partner_requests(integer, uuid[]) to service_role, app_service;

create function private.remember_partner_host(redemption public.redemptions, duration_ms integer, is_success boolean)
returns void
language sql volatile set search_path = ''
as $$
  select private.remember_hosts(array[row(a.channel, a.host, redemption.partner_id::text,
    private.is_slow(duration_ms), is_success)::private.visit])
  from private.code_addressee(redemption.partner_id) a where duration_ms is not null
$$;
comment on function private.remember_partner_host(public.redemptions, integer, boolean) is
  'Learns how quick the host of a partner is; duration null: it was not asked.';

create function public.record_partner_code(redemption_id uuid, code_hash text, code_ciphertext text,
  code_expires_at timestamptz default null, duration_ms integer default null)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions := private.lock_redemption(record_partner_code.redemption_id);
  v_stored     bytea;
  v_outcome    text;
begin
  perform private.require_argument(code_hash is not null, 'code_hash');
  perform private.require_argument(code_ciphertext is not null, 'code_ciphertext');
  select c.code_hash into v_stored from private.reward_codes c where c.redemption_id = v_redemption.id;
  if found then
    v_outcome := case when v_stored = record_partner_code.code_hash::bytea then 'repeated' else 'conflict' end;
  elsif v_redemption.status not in ('pending', 'used') then
    v_outcome := 'ended';
  else
    insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext, redemption_id)
    values (v_redemption.partner_id, v_redemption.reward_id, record_partner_code.code_hash::bytea,
      record_partner_code.code_ciphertext, v_redemption.id)
    on conflict on constraint reward_codes_pkey do nothing;
    if not found then
      v_outcome := 'duplicate';
      if v_redemption.status = 'pending' then
        v_redemption := private.end_redemption(v_redemption, 'failed', 'partner_code_duplicate',
          v_redemption.points_spent);
      end if;
    else
      v_outcome := 'attached';
      delete from private.partner_requests q where q.redemption_id = v_redemption.id;
      if v_redemption.status = 'pending' then  -- used already, when the partner's events came in another order
        update public.redemptions r
        set status = 'active', expires_at = case when record_partner_code.code_expires_at > now()
          then record_partner_code.code_expires_at else r.expires_at end
        where r.id = v_redemption.id returning r.* into v_redemption;
        perform private.emit_redemption(v_redemption, 'redemption.created');
      end if;
    end if;
  end if;
  if v_outcome in ('conflict', 'ended', 'duplicate') then
    insert into private.audit_log (action, subject_id, details)
    values ('partner_code_refused', v_redemption.id, pg_catalog.jsonb_build_object('outcome', v_outcome));
  end if;
  perform private.remember_partner_host(v_redemption, duration_ms, true);
  return pg_catalog.jsonb_build_object('outcome', v_outcome, 'redemption', private.redemption_json(v_redemption),
    'code_ciphertext', (select c.ciphertext from private.reward_codes c where c.redemption_id = v_redemption.id));
end $$;
comment on function public.record_partner_code(uuid, text, text, timestamptz, integer) is
  'Attaches the code a partner gave: {outcome, redemption, code_ciphertext}. Outcome: attached, repeated, conflict '
  '(another code stays), ended (too late, dropped), duplicate (given to somebody before: failed and refunded). '
  'Errors: redemption_not_found, validation_failed. For edge functions.';
grant execute on function public.record_partner_code(uuid, text, text, timestamptz, integer)
  to service_role, app_service;

create function public.record_partner_refusal(redemption_id uuid, reason text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions := private.lock_redemption(record_partner_refusal.redemption_id);
begin
  if v_redemption.status = 'pending' then
    insert into private.audit_log (action, subject_id, details)
    values ('partner_refused', v_redemption.id,
      pg_catalog.jsonb_build_object('answer', pg_catalog.left(record_partner_refusal.reason, 500)));
    v_redemption := private.end_redemption(v_redemption, 'failed', 'partner_refused', v_redemption.points_spent);
  end if;
  return pg_catalog.jsonb_build_object('redemption', private.redemption_json(v_redemption));
end $$;
comment on function public.record_partner_refusal(uuid, text) is
  'Books a definite refusal of a partner: the redemption fails and the points go back: {redemption}. Does nothing to '
  'one that is no longer pending. Errors: redemption_not_found. For edge functions.';
grant execute on function public.record_partner_refusal(uuid, text) to service_role, app_service;

create function public.record_partner_failure(redemption_id uuid, error text, retry_after_seconds integer default null,
  duration_ms integer default null)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_redemption public.redemptions := private.lock_redemption(record_partner_failure.redemption_id);
  v_request    private.partner_requests;
begin
  update private.partner_requests q
  set last_error = pg_catalog.left(record_partner_failure.error, 500),
      next_attempt_at = now() + greatest(
        least(interval '5 minutes', private.retry_delay(q.attempts)),
        pg_catalog.make_interval(secs => least(3600, greatest(0, record_partner_failure.retry_after_seconds))))
  where q.redemption_id = v_redemption.id
  returning q.* into v_request;
  if found and v_redemption.status = 'pending' and v_request.deadline_at <= now() then
    v_redemption := private.end_redemption(v_redemption, 'failed', 'partner_silent', v_redemption.points_spent);
  end if;
  perform private.remember_partner_host(v_redemption, duration_ms, false);
  return pg_catalog.jsonb_build_object('redemption', private.redemption_json(v_redemption));
end $$;
comment on function public.record_partner_failure(uuid, text, integer, integer) is
  'Books an attempt with unknown outcome: the partner is asked again later with the same key; after the deadline the '
  'points go back: {redemption}. Errors: redemption_not_found. For edge functions.';
grant execute on function public.record_partner_failure(uuid, text, integer, integer) to service_role, app_service;

-- schemas/redemptions/reads.sql

create function public.list_partner_redemptions(api_key_hash text, status text default null,
  reward_id uuid default null, since timestamptz default null, until timestamptz default null,
  page_size integer default null, after uuid default null)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key  private.partner_api_keys := private.require_partner(api_key_hash, 'redemptions:read');
  v_size integer := private.clamp_page_size(page_size);
begin
  if v_key.is_sandbox then  -- apart, because one statement for both would sort all that the partner has
    return private.as_page((
      select pg_catalog.jsonb_agg(private.partner_redemption_json(r.*::public.redemptions) order by r.id desc)
      from (select t.* from private.test_redemptions(v_key.partner_id) t
            where t.id < coalesce(list_partner_redemptions.after, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
              and t.status = coalesce(list_partner_redemptions.status, t.status)
              and t.reward_id = coalesce(list_partner_redemptions.reward_id, t.reward_id)
              and (since is null or t.redeemed_at >= since) and (until is null or t.redeemed_at < until)
            order by t.id desc limit v_size) r), v_size, 'id');
  end if;
  return private.as_page((
    select pg_catalog.jsonb_agg(private.partner_redemption_json(r.*::public.redemptions) order by r.id desc)
    from (select w.* from public.redemptions w
          where w.partner_id = v_key.partner_id
            and w.id < coalesce(list_partner_redemptions.after, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            and (list_partner_redemptions.status is null or w.status = list_partner_redemptions.status)
            and (list_partner_redemptions.reward_id is null or w.reward_id = list_partner_redemptions.reward_id)
            and (since is null or w.redeemed_at >= since) and (until is null or w.redeemed_at < until)
          order by w.id desc limit v_size) r), v_size, 'id');
end $$;
comment on function public.list_partner_redemptions(text, text, uuid, timestamptz, timestamptz, integer, uuid) is
  'The partner''s redemptions, or with a sandbox key its test codes, newest first: {items, next}; since and until '
  'bound redeemed_at. Scope: redemptions:read. Errors: api_key_invalid, scope_missing, partner_inactive.';
grant execute on function public.list_partner_redemptions(text, text, uuid, timestamptz, timestamptz, integer, uuid)
  to service_role;

create function public.read_settlement(api_key_hash text, month date)
returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC'
as $$
declare
  v_key   private.partner_api_keys := private.require_partner(api_key_hash, 'settlements:read');
  v_month timestamp := pg_catalog.date_trunc('month', month::timestamp);
  v_start timestamptz := private.day_begins_at(v_month::date);
  v_end   timestamptz := private.day_begins_at((v_month + interval '1 month')::date);
begin
  if month is null or v_start > now() then
    raise exception using errcode = 'PT400', message = 'month_invalid', detail = 'month',
      hint = 'This month has not begun.';
  end if;
  return (
    with used as (
      select r.*
      from (select l.* from public.redemptions l where l.partner_id = v_key.partner_id and not v_key.is_sandbox
            union all
            select t.* from private.test_redemptions(v_key.partner_id) t where v_key.is_sandbox) r
      where r.used_at >= v_start and r.used_at < v_end
    )
    select pg_catalog.jsonb_build_object(
      'month', pg_catalog.to_char(v_month, 'YYYY-MM'), 'starts_at', v_start, 'ends_at', v_end,
      'is_test', v_key.is_sandbox,
      'is_final', v_end + interval '1 hour' <= now(),  -- a till may have begun before midnight
      'partner', (select pg_catalog.jsonb_build_object('id', p.id, 'name', p.name)
        from public.partners p where p.id = v_key.partner_id),
      'lines', coalesce((
        select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('redemption_id', u.id, 'reward_id', u.reward_id,
          'title_de', u.title_de, 'title_en', u.title_en, 'points_spent', u.points_spent,
          'discount_type', u.discount_type, 'discount_value', u.discount_value,
          'discount_currency', u.discount_currency,
          'used_at', u.used_at, 'till_reference', u.till_reference) order by u.used_at, u.id) from used u), '[]'),
      'totals', pg_catalog.jsonb_build_object(
        'redemptions', (select count(*) from used),
        'points_spent', (select coalesce(sum(u.points_spent), 0) from used u),
        'fixed_amounts', coalesce((
          select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('currency', f.currency, 'amount', f.amount)
            order by f.currency)
          from (select u.discount_currency as currency, sum(u.discount_value) as amount from used u
                where u.discount_type = 'fixed_amount' group by u.discount_currency) f), '[]'))));
end $$;
comment on function public.read_settlement(text, date) is
  'What was used in the month of a date, by the community''s clock: {month, starts_at, ends_at, is_test, is_final, '
  'partner, lines, totals}; the same for ever from one hour after the end of the month. A sandbox key reads of its '
  'test codes. Scope: settlements:read. Errors: api_key_invalid, scope_missing, partner_inactive, month_invalid.';
grant execute on function public.read_settlement(text, date) to service_role;

-- schemas/redemptions/steps.sql

create function private.new_redemption_id()
returns uuid
language plpgsql volatile set search_path = ''
as $$
begin
  return pg_catalog.lpad(
    pg_catalog.to_hex((pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 1000)::bigint), 12, '0')
    || '-7' || pg_catalog.substr(gen_random_uuid()::text, 16);
end $$;
comment on function private.new_redemption_id() is 'A UUID of version 7, which sorts by time.';

create function private.lock_redemption(redemption_id uuid, partner_id uuid default null)
returns public.redemptions
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  select r.* into v_redemption from public.redemptions r
  where r.id = lock_redemption.redemption_id and r.partner_id = coalesce(lock_redemption.partner_id, r.partner_id)
  for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'redemption_not_found', hint = 'There is no such redemption.';
  end if;
  return v_redemption;
end $$;
comment on function private.lock_redemption(uuid, uuid) is
  'Locks a redemption, where a partner is named one of its own. Raises PT404 redemption_not_found.';

create function private.redemption_json(redemption public.redemptions)
returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  return to_jsonb(redemption) - '{user_id,idempotency_key,till_reference,expiry_refund_points}'::text[];
end $$;
comment on function private.redemption_json(public.redemptions) is 'A redemption as its member sees it.';

create function private.partner_redemption_json(redemption public.redemptions)
returns jsonb
language plpgsql immutable set search_path = ''
as $$
begin
  return to_jsonb(redemption)
    - '{user_id,partner_id,partner_name,idempotency_key,returnable_until,expiry_refund_points}'::text[]
    || pg_catalog.jsonb_build_object('is_test', redemption.user_id is null);
end $$;
comment on function private.partner_redemption_json(public.redemptions) is
  'A redemption as its partner sees it: never who redeemed; that of a test code is nobody''s.';

create function private.emit_redemption(redemption public.redemptions, type text)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- asked first, because most partners listen to nothing and the event is not cheap to write
  if exists (select from private.webhook_endpoints e where e.partner_id = redemption.partner_id and e.is_enabled) then
    perform private.emit_webhook(redemption.partner_id, emit_redemption.type,
      private.partner_redemption_json(redemption) - 'id'
        || pg_catalog.jsonb_build_object('redemption_id', redemption.id), redemption.user_id is null);
  end if;
end $$;
comment on function private.emit_redemption(public.redemptions, text) is
  'Tells a redemption''s partner of an event, within the caller''s transaction.';

create function private.partner_request_json(redemption public.redemptions, attempt integer)
returns jsonb
language sql stable set search_path = ''
as $$
  select pg_catalog.jsonb_build_object('redemption_id', redemption.id, 'url', c.url, 'attempt', attempt,
    'secrets', private.valid_secrets(c.secret, c.older_secrets),
    'body', pg_catalog.jsonb_build_object('redemption_id', redemption.id, 'reward_id', redemption.reward_id,
      'title_de', redemption.title_de, 'title_en', redemption.title_en, 'points_spent', redemption.points_spent,
      'discount_type', redemption.discount_type, 'discount_value', redemption.discount_value,
      'discount_currency', redemption.discount_currency, 'expires_at', redemption.expires_at))
  from (select 1) one left join private.partner_connections c on c.partner_id = redemption.partner_id
$$;
comment on function private.partner_request_json(public.redemptions, integer) is
  'What an edge function needs to ask a partner for a code; url is null for a partner that sends its codes by itself.';

create function private.give_stock_back(reward_id uuid, count integer)
returns void
language sql volatile set search_path = ''
as $$
  -- a pool code that somebody has seen never goes to somebody else
  update public.reward_stocks s set taken = s.taken - give_stock_back.count
  from public.rewards w
  where s.reward_id = give_stock_back.reward_id and w.id = s.reward_id and w.code_source <> 'pool'
$$;
comment on function private.give_stock_back(uuid, integer) is
  'Makes room again in the stock of a reward, where it has one that is no pool.';

create function private.end_redemption(redemption public.redemptions, status text, reason text, refund integer,
  keeps_stock boolean default false)
returns public.redemptions
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  update public.redemptions r set status = end_redemption.status, end_reason = reason, ended_at = now()
  where r.id = redemption.id
  returning r.* into v_redemption;
  delete from private.partner_requests q where q.redemption_id = redemption.id;
  if refund > 0 then
    insert into public.point_transactions (user_id, redemption_id, amount, type, balance_after, description)
    values (redemption.user_id, redemption.id, refund, 'refund', 0, coalesce(reason, end_redemption.status));
  end if;
  if end_redemption.status in ('cancelled', 'failed') and not keeps_stock then
    perform private.give_stock_back(redemption.reward_id, 1);
  end if;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'redemption_' || end_redemption.status, redemption.id,
    pg_catalog.jsonb_build_object('reason', reason, 'refund', refund));
  perform private.emit_redemption(v_redemption,
    case when end_redemption.status = 'expired' then 'redemption.expired' else 'redemption.cancelled' end);
  return v_redemption;
end $$;
comment on function private.end_redemption(public.redemptions, text, text, integer, boolean) is
  'Ends a locked redemption as expired, cancelled or failed: refunds, gives the stock back unless the caller will, '
  'tells the partner. The caller has checked that it is pending or active.';

-- schemas/redemptions/test_codes.sql

-- Codes for trying: a sandbox key makes them, nobody paid for them, and sandbox keys alone know them. They go through
-- the commands of the till and cause the same events, but points, stocks, statistics and audits never see them.

create table private.test_codes (
  id             uuid primary key,
  reward_id      uuid not null references public.rewards (id) on delete cascade,
  code_hash      bytea not null unique,
  status         public.redemption_status not null default 'active',
  end_reason     public.redemption_end_reason,
  till_reference text,
  redeemed_at    timestamptz not null default now(),
  expires_at     timestamptz not null,
  used_at        timestamptz,
  ended_at       timestamptz
);

comment on table private.test_codes is
  'Codes for trying, and what became of them: redemptions that nobody paid for. Forgotten after a week.';
comment on column private.test_codes.id is 'Identity, in order of time.';
comment on column private.test_codes.code_hash is 'As of private.reward_codes; the code itself is not kept.';
comment on column private.test_codes.status is 'Where it is in its life: active, used, expired or cancelled.';
comment on column private.test_codes.end_reason is 'partner_cancelled, or null.';
comment on column private.test_codes.till_reference is 'Where it was used: the till''s own reference.';
comment on column private.test_codes.redeemed_at is 'When it was made.';
comment on column private.test_codes.expires_at is 'Until when it can be used.';

create index test_codes_by_reward on private.test_codes (reward_id);
create index test_codes_by_expiry on private.test_codes (expires_at);

alter table private.test_codes enable row level security;

create function private.test_redemptions(partner_id uuid)
returns setof public.redemptions
language sql stable set search_path = ''
as $$
  select r.*
  from public.rewards w join private.test_codes t on t.reward_id = w.id
  cross join lateral pg_catalog.jsonb_populate_record(null::public.redemptions,
    to_jsonb(w) || to_jsonb(t) || pg_catalog.jsonb_build_object('points_spent', w.points_cost)) r
  where w.partner_id = test_redemptions.partner_id
$$;
comment on function private.test_redemptions(uuid) is
  'The test codes of a partner as redemptions: what the reward is now, of no member.';

create function private.lock_test_code(partner_id uuid, code_hash bytea default null, id uuid default null)
returns public.redemptions
language plpgsql volatile set search_path = ''
as $$
declare
  v_id         uuid;
  v_redemption public.redemptions;
begin
  select t.id into v_id from private.test_codes t join public.rewards w on w.id = t.reward_id
  where w.partner_id = lock_test_code.partner_id
    and (t.code_hash = lock_test_code.code_hash or t.id = lock_test_code.id)
  for no key update of t;
  select r.* into v_redemption from private.test_redemptions(lock_test_code.partner_id) r where r.id = v_id;
  return v_redemption;
end $$;
comment on function private.lock_test_code(uuid, bytea, uuid) is
  'Locks a test code of a partner, named by its hash or its id, and returns it; null where there is none.';

create function private.end_test_code(redemption public.redemptions, status text, reason text default null,
  till_reference text default null)
returns public.redemptions
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  update private.test_codes t
  set status = end_test_code.status, end_reason = reason, till_reference = end_test_code.till_reference,
      used_at = case when end_test_code.status = 'used' then now() end,
      ended_at = case when end_test_code.status <> 'used' then now() end
  where t.id = redemption.id;
  select r.* into v_redemption from private.test_redemptions(redemption.partner_id) r where r.id = redemption.id;
  perform private.emit_redemption(v_redemption, 'redemption.' || end_test_code.status);
  return v_redemption;
end $$;
comment on function private.end_test_code(public.redemptions, text, text, text) is
  'Marks a locked, active test code as used, expired or cancelled and tells the endpoints of sandbox keys.';

create function public.create_test_code(api_key_hash text, reward_id uuid, code_hash text,
  valid_minutes integer default 1440)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key        private.partner_api_keys := private.require_partner(api_key_hash, 'redemptions:use');
  v_id         uuid := private.new_redemption_id();
  v_redemption public.redemptions;
begin
  if not v_key.is_sandbox then
    raise exception using errcode = 'PT403', message = 'sandbox_key_required',
      hint = 'Test codes are made by a sandbox key: nhp_sandbox_ and 64 characters.';
  end if;
  perform private.require_argument(valid_minutes between 1 and 1440, 'valid_minutes');
  perform private.require_argument(pg_catalog.octet_length(code_hash::bytea) = 32, 'code_hash');
  perform from public.partners p where p.id = v_key.partner_id for no key update;  -- the limit is counted one by one
  if (select count(*) from private.test_redemptions(v_key.partner_id) r
      where r.redeemed_at > now() - interval '1 day') >= 100 then
    raise exception using errcode = 'PT409', message = 'test_code_limit', hint = 'Come back tomorrow.';
  end if;
  insert into private.test_codes (id, reward_id, code_hash, expires_at)
  select v_id, w.id, create_test_code.code_hash::bytea, now() + pg_catalog.make_interval(mins => valid_minutes)
  from public.rewards w where w.id = create_test_code.reward_id and w.partner_id = v_key.partner_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'reward_not_found', hint = 'There is no such reward.';
  end if;
  select r.* into v_redemption from private.test_redemptions(v_key.partner_id) r where r.id = v_id;
  perform private.emit_redemption(v_redemption, 'redemption.created');
  return private.partner_redemption_json(v_redemption);
end $$;
comment on function public.create_test_code(text, uuid, text, integer) is
  'Makes a code for trying, of any reward of the partner, retired ones included, and returns its redemption; at most '
  '100 in 24 hours. For sandbox keys. Scope: redemptions:use. Errors: api_key_invalid, scope_missing, '
  'partner_inactive, sandbox_key_required, validation_failed, test_code_limit, reward_not_found.';
grant execute on function public.create_test_code(text, uuid, text, integer) to service_role;

-- schemas/redemptions/till.sql

create function private.code_outcome(redemption public.redemptions)
returns text
language plpgsql stable set search_path = ''
as $$
begin
  return case when redemption.status = 'active' and redemption.expires_at <= now() then 'expired'
    when redemption.status = 'active' then 'valid'
    when redemption.status in ('used', 'expired') then redemption.status else 'cancelled' end;
end $$;
comment on function private.code_outcome(public.redemptions) is
  'What a till is told about a code: valid, used, expired, cancelled.';

create function public.verify_code(api_key_hash text, code_hash text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key        private.partner_api_keys := private.require_partner(api_key_hash, 'redemptions:use');
  v_redemption public.redemptions;
begin
  perform private.guard_wrong_codes(v_key);
  if v_key.is_sandbox then
    v_redemption := private.lock_test_code(v_key.partner_id, code_hash => verify_code.code_hash::bytea);
  else
    select r.* into v_redemption
    from private.reward_codes c join public.redemptions r on r.id = c.redemption_id
    where c.partner_id = v_key.partner_id and c.code_hash = verify_code.code_hash::bytea;
  end if;
  if v_redemption.id is null then
    perform private.count_wrong_code(v_key.id);
    return pg_catalog.jsonb_build_object('outcome', 'not_found', 'redemption', null);
  end if;
  return pg_catalog.jsonb_build_object('outcome', private.code_outcome(v_redemption),
    'redemption', private.partner_redemption_json(v_redemption));
end $$;
comment on function public.verify_code(text, text) is
  'Looks a code up without changing it: {outcome: valid, used, expired, cancelled, not_found; redemption}. Scope: '
  'redemptions:use. Errors: api_key_invalid, scope_missing, partner_inactive, too_many_wrong_codes (detail = seconds '
  'to wait).';
grant execute on function public.verify_code(text, text) to service_role;

create function public.use_code(api_key_hash text, code_hash text, till_reference text)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key        private.partner_api_keys := private.require_partner(api_key_hash, 'redemptions:use');
  v_redemption public.redemptions;
  v_outcome    text;
  v_is_repeat  boolean := false;
begin
  if till_reference is null or till_reference !~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$' then
    raise exception using errcode = 'PT400', message = 'till_reference_invalid',
      hint = 'Use 1 to 64 letters, digits or . _ : / - and begin with a letter or digit.';
  end if;
  perform private.guard_wrong_codes(v_key);
  -- lock: of two tills, one wins
  if v_key.is_sandbox then
    v_redemption := private.lock_test_code(v_key.partner_id, code_hash => use_code.code_hash::bytea);
  else
    select r.* into v_redemption
    from private.reward_codes c join public.redemptions r on r.id = c.redemption_id
    where c.partner_id = v_key.partner_id and c.code_hash = use_code.code_hash::bytea
    for no key update of r;
  end if;
  if v_redemption.id is null then
    perform private.count_wrong_code(v_key.id);
    return pg_catalog.jsonb_build_object('outcome', 'not_found', 'is_repeat', false, 'redemption', null);
  end if;
  v_outcome := private.code_outcome(v_redemption);
  if v_outcome = 'valid' then
    v_redemption := case
      when v_key.is_sandbox then private.end_test_code(v_redemption, 'used', till_reference => use_code.till_reference)
      else private.mark_used(v_redemption, use_code.till_reference, now()) end;
    v_outcome := 'used';
  elsif v_outcome = 'used' then
    v_is_repeat := v_redemption.till_reference is not distinct from use_code.till_reference;
    v_outcome := case when v_is_repeat then 'used' else 'already_used' end;
  end if;
  return pg_catalog.jsonb_build_object('outcome', v_outcome, 'is_repeat', v_is_repeat,
    'redemption', private.partner_redemption_json(v_redemption));
end $$;
comment on function public.use_code(text, text, text) is
  'Uses a code, once: {outcome: used, already_used, expired, cancelled, not_found; is_repeat; redemption}. The same '
  'till reference again gives the same answer. Scope: redemptions:use. Errors: api_key_invalid, scope_missing, '
  'partner_inactive, till_reference_invalid, too_many_wrong_codes (detail = seconds to wait).';
grant execute on function public.use_code(text, text, text) to service_role;

create function public.cancel_redemption(api_key_hash text, redemption_id uuid, reason text default null)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key        private.partner_api_keys := private.require_partner(api_key_hash, 'redemptions:cancel');
  v_redemption public.redemptions;
  v_reason     text := private.clean_optional_text(cancel_redemption.reason, 'reason',
    private.max_message_length(), true);
begin
  if v_key.is_sandbox then
    v_redemption := private.lock_test_code(v_key.partner_id, id => cancel_redemption.redemption_id);
    if v_redemption.id is null then
      raise exception using errcode = 'PT404', message = 'redemption_not_found', hint = 'There is no such test code.';
    end if;
  else
    v_redemption := private.lock_redemption(cancel_redemption.redemption_id, v_key.partner_id);
  end if;
  if v_redemption.status = 'cancelled' and v_redemption.end_reason = 'partner_cancelled' then
    return private.partner_redemption_json(v_redemption);
  end if;
  if v_redemption.status not in ('pending', 'active') then
    raise exception using errcode = 'PT409', message = 'redemption_not_cancellable', detail = v_redemption.status,
      hint = 'This redemption has already ended.';
  end if;
  if v_key.is_sandbox then
    return private.partner_redemption_json(
      private.end_test_code(v_redemption, 'cancelled', reason => 'partner_cancelled'));
  end if;
  if v_reason is not null then
    insert into private.audit_log (action, subject_id, details)
    values ('partner_cancelled', v_redemption.id,
      pg_catalog.jsonb_build_object('api_key_id', v_key.id, 'reason', v_reason));
  end if;
  return private.partner_redemption_json(private.end_redemption(v_redemption, 'cancelled', 'partner_cancelled',
    v_redemption.points_spent));
end $$;
comment on function public.cancel_redemption(text, uuid, text) is
  'The partner gives the points of an unused redemption back, and gets the redemption. Repeating it gives the same '
  'answer. Scope: redemptions:cancel. Errors: api_key_invalid, scope_missing, partner_inactive, '
  'redemption_not_found, redemption_not_cancellable, text_too_long, text_has_control_characters.';
grant execute on function public.cancel_redemption(text, uuid, text) to service_role;
