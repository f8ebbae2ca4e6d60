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
