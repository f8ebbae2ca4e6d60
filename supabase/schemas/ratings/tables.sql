-- Room: ratings. Both sides of a completed task rate each other once, blind, and trust follows what is revealed.
-- Blind means: until a rating is revealed, nothing that anybody but its author can read changes by it. So a hidden
-- rating writes no other row and locks none that members can see (a lock leaves its mark in xmax): no foreign key to
-- users or tasks, but to private.rating_totals, and no statistics for the planner, whose estimates are an answer,
-- too. Lock order: rating_totals (id order) -> advisory lock of the task -> ratings -> trust settings -> users.

create table private.rating_totals (
  user_id     uuid primary key references public.users (id) on delete restrict,
  score_sum   bigint not null default 0,
  score_count integer not null default 0,
  constraint rating_totals_are_possible check
    (score_count >= 0 and score_sum between score_count and 5 * score_count::bigint)
) with (fillfactor = 70);

comment on table private.rating_totals is
  'Exact totals of the revealed ratings about each member, from which averages are worked out; kept by trigger.';
comment on column private.rating_totals.score_sum is 'Sum of the revealed scores.';
comment on column private.rating_totals.score_count is 'Number of revealed ratings.';

alter table private.rating_totals enable row level security;

create table public.ratings (
  id          uuid primary key default gen_random_uuid(),
  task_id     uuid not null,
  rater_id    uuid not null references private.rating_totals (user_id) on delete restrict,
  ratee_id    uuid not null references private.rating_totals (user_id) on delete restrict,
  score       integer not null,
  comment     text,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  revealed_at timestamptz,
  constraint member_rates_once_per_task unique (task_id, rater_id),
  constraint score_is_between_1_and_5 check (score between 1 and 5),
  constraint comment_has_at_most_1000_characters check (char_length(comment) <= 1000),
  constraint nobody_rates_themselves check (rater_id <> ratee_id)
) with (fillfactor = 85);

comment on table public.ratings is
  'What the two sides of a completed task say about each other. Readable by its author; by every member once both '
  'have rated or 7 days have passed.';
comment on column public.ratings.task_id is
  'The task. No foreign key: it would mark the task''s row while the rating is hidden.';
comment on column public.ratings.rater_id is 'Who rates: creator or helper of the task.';
comment on column public.ratings.ratee_id is 'Who is rated: the other side.';
comment on column public.ratings.score is 'Stars: more are better.';
comment on column public.ratings.comment is
  'In words, at most 1000 characters; null for none, and when either side deleted their account.';
comment on column public.ratings.created_at is 'When it was given; it can be changed for 24 hours.';
comment on column public.ratings.revealed_at is
  'When it became visible to everybody; null while only its author can read it.';

create index ratings_by_ratee on public.ratings (ratee_id, revealed_at desc nulls last, id desc);
create index ratings_by_rater on public.ratings (rater_id, created_at desc, id desc);
create index ratings_hidden on public.ratings (created_at) where revealed_at is null;

alter table public.ratings enable row level security;
create policy ratings_are_readable_by_author_and_once_revealed on public.ratings for select to authenticated
  using (rater_id = (select auth.uid()) or revealed_at is not null);

call private.grant_columns('public.ratings', 'authenticated');

-- the planner's estimates (Prefer: count=planned) count hidden rows, too; every query here finds its index without
call private.keep_no_statistics('public.ratings');
