-- Rollback of redemptions. DELETES every redemption; the ledger keeps what was spent and refunded. Take a backup first.

drop function public.read_settlement;
drop function public.list_partner_redemptions;
drop function public.cancel_redemption;
drop function public.use_code;
drop function public.verify_code;
drop function public.record_partner_event;
drop function public.record_partner_failure;
drop function public.record_partner_refusal;
drop function public.record_partner_code;
drop function public.claim_partner_requests;
drop function public.return_redemption;
drop function public.read_redemption;
drop function public.begin_redemption;
drop function private.end_due_redemptions;
drop function private.read_settlement;
drop function private.list_partner_redemptions;
drop function private.cancel_redemption;
drop function private.use_code;
drop function private.verify_code;
drop function private.code_outcome;
drop function private.mark_used;
drop function private.record_partner_event;
drop function private.record_partner_failure;
drop function private.record_partner_refusal;
drop function private.record_partner_code;
drop function private.claim_partner_requests;
drop function private.return_redemption;
drop function private.read_redemption;
drop function private.begin_redemption;
drop function private.store_code;
drop function private.end_redemption;
drop function private.give_stock_back;
drop function private.partner_request_json;
drop function private.emit_redemption;
drop function private.partner_redemption_json;
drop function private.redemption_json;

drop trigger reward_stocks_stay_once_redeemed on public.reward_stocks;
drop function private.keep_redeemed_stock;
drop trigger rewards_are_not_truncated on public.rewards;
drop trigger rewards_stay_once_redeemed on public.rewards;
drop function private.keep_redeemed_reward;
drop table private.partner_requests;
drop table public.redemptions;
drop function private.keep_redemption_final;
drop function private.keep_possible_status;
drop function private.status_fits_its_moments;

alter table private.settings
  drop column redemption_requires_verified_email,
  drop column partner_answer_minutes;
