-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create domain public.point_transaction_type as text constraint point_transaction_type_is_known check (value in (
  'task_completed', 'task_hold', 'redemption', 'bonus', 'refund', 'admin_adjustment'));
comment on domain public.point_transaction_type is 'Why points moved.';
