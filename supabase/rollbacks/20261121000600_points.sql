-- Written by npm run db:build: takes the room points out again. DELETES what is in public.point_accounts, public.point_transactions, private.adjustment_keys: take a backup first.

alter table private.settings drop constraint welcome_points_is_between_0_and_10000;
alter table private.settings drop column welcome_points;
drop trigger users_open_account on public.users;
drop function private.open_account;
drop trigger point_transactions_post on public.point_transactions;
drop function private.post_transaction;
drop trigger point_accounts_are_not_truncated on public.point_accounts;
drop trigger point_accounts_start_empty on public.point_accounts;
drop trigger point_accounts_follow_the_ledger on public.point_accounts;
drop function private.refuse_balance_edit;
drop function public.points_balance;
drop function private.audit_accounts;
drop function ops.adjust_points;
drop table private.adjustment_keys;
drop trigger point_transactions_are_not_truncated on public.point_transactions;
drop trigger point_transactions_are_append_only on public.point_transactions;
drop table public.point_transactions;
drop sequence private.point_transaction_ids;
drop table public.point_accounts;
drop domain public.point_transaction_type;
drop function private.point_transaction_types;
