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
