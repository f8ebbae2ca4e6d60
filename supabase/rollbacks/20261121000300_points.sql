-- Rollback of points. DELETES every account and the whole ledger. Take a backup first.

drop function ops.adjust_points;
drop function public.points_balance;

drop trigger users_open_account on public.users;
drop table public.point_transactions;
drop table public.point_accounts;
drop sequence private.point_transaction_ids;

drop function private.open_account;
drop function private.refuse_balance_edit;
drop function private.post_transaction;
