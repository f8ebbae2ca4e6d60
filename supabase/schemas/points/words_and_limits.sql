-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.point_transaction_types() returns text[] language sql immutable set search_path = ''
  return array['task_completed', 'task_hold', 'redemption',
    'bonus', 'refund', 'admin_adjustment'];
comment on function private.point_transaction_types() is 'Why points moved.';

-- no check: private.post_transaction refuses what it does not know
create domain public.point_transaction_type as text;
comment on domain public.point_transaction_type is 'One of private.point_transaction_types().';
