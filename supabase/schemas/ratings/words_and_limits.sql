-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create domain public.trust_formula as text constraint trust_formula_is_known check (value in (
  'documented', 'bayesian'));
comment on domain public.trust_formula is 'How trust is worked out.';

create domain public.trust_part_name as text constraint trust_part_name_is_known check (value in (
  'average', 'number', 'limit', 'prior', 'ratings'));
comment on domain public.trust_part_name is
  'Part of a member''s trust: the first three of the documented formula, the others of the Bayesian one.';

create function private.min_score() returns integer language sql immutable set search_path = '' return 1;
comment on function private.min_score() is 'Lowest score of a rating.';

create function private.max_score() returns integer language sql immutable set search_path = '' return 5;
comment on function private.max_score() is 'Highest score of a rating.';
