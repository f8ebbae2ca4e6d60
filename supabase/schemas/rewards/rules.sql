create function private.keep_code_source()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT400', message = 'reward_invalid', detail = 'code_source_never_changes',
    hint = 'Retire this reward and create another one: where codes come from and who gives them never changes.';
end $$;
comment on function private.keep_code_source() is
  'Trigger on rewards: refuses another code source or partner. Raises PT400 reward_invalid.';
create trigger rewards_keep_code_source before update on public.rewards
  for each row when (old.code_source <> new.code_source or old.partner_id <> new.partner_id)
  execute function private.keep_code_source();

create function private.open_stock()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.reward_stocks (reward_id, total) values (new.id, 0) on conflict do nothing;
  return null;
end $$;
comment on function private.open_stock() is 'Trigger on rewards: a pool reward starts with an empty stock.';
create trigger rewards_open_stock after insert on public.rewards
  for each row when (new.code_source = 'pool') execute function private.open_stock();

create function private.mark_limited()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    update public.rewards w set is_limited = true where w.id = new.reward_id;
  else
    update public.rewards w set is_limited = false where w.id = old.reward_id;
  end if;
  return null;
end $$;
comment on function private.mark_limited() is 'Trigger on reward_stocks: tells the reward that it has a stock.';
create trigger reward_stocks_mark_limited after insert or delete on public.reward_stocks
  for each row execute function private.mark_limited();
