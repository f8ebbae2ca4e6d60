-- Written by npm run db:build: takes the room rewards out again. DELETES what is in public.rewards, public.reward_stocks, private.reward_codes: take a backup first.

drop trigger reward_stocks_mark_limited on public.reward_stocks;
drop function private.mark_limited;
drop trigger rewards_open_stock on public.rewards;
drop function private.open_stock;
drop trigger rewards_keep_code_source on public.rewards;
drop function private.keep_code_source;
drop function public.withdraw_codes;
drop function public.list_codes;
drop function public.add_codes;
drop function private.require_pool;
drop function public.retire_reward;
drop function public.change_reward;
drop function public.create_reward;
drop function private.write_stock;
drop function private.write_reward;
drop function public.list_partner_rewards;
drop function private.reward_json;
drop table private.reward_codes;
drop table public.reward_stocks;
drop trigger rewards_set_updated_at on public.rewards;
drop table public.rewards;
drop function private.max_points_cost;
drop function private.min_points_cost;
drop domain public.code_source;
drop domain public.limit_period;
drop domain public.discount_type;
drop function private.discount_types;
