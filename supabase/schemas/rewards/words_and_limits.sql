-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.discount_types() returns text[] language sql immutable set search_path = ''
  return array['percentage', 'fixed_amount', 'free_item'];
comment on function private.discount_types() is
  'What a reward gives: per cent off, an amount of money off, or something for free.';

-- no check: the constraint discount_is_complete refuses what it does not know
create domain public.discount_type as text;
comment on domain public.discount_type is 'One of private.discount_types().';

create domain public.limit_period as text constraint limit_period_is_known check (value in (
  'day', 'week', 'month', 'year'));
comment on domain public.limit_period is
  'Over which time the limit per member of a reward counts (calendar, by the community''s clock).';

create domain public.code_source as text constraint code_source_is_known check (value in (
  'generated', 'pool', 'partner_api'));
comment on domain public.code_source is
  'Where codes come from: made here, uploaded by the partner, or asked from the partner''s own system.';

create function private.min_points_cost() returns integer language sql immutable set search_path = '' return 1;
comment on function private.min_points_cost() is 'Fewest points a reward may cost.';

create function private.max_points_cost() returns integer language sql immutable set search_path = '' return 1000000;
comment on function private.max_points_cost() is 'Most points a reward may cost.';
