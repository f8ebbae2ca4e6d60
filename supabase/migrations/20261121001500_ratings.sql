-- Written by npm run db:build from supabase/schemas/ratings/: edit there.

-- schemas/ratings/words_and_limits.sql

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

-- schemas/ratings/settings.sql

alter table private.settings
  add column trust_formula public.trust_formula not null default 'documented',
  add column trust_prior numeric(3, 2) not null default 3.5,
  add column trust_weight numeric(6, 2) not null default 5,
  add constraint trust_prior_is_between_1_and_5 check (trust_prior between 1 and 5),
  add constraint trust_weight_is_between_0_01_and_1000 check (trust_weight between 0.01 and 1000);

comment on column private.settings.trust_formula is
  'How trust_score is worked out: documented (average times ln(number + 1) / ln(11), at most 5) or bayesian (mean of '
  'the ratings and trust_weight imagined ratings of trust_prior). A change recomputes every member.';
comment on column private.settings.trust_prior is 'Bayesian formula: the score of a member nobody has rated, 1 to 5.';
comment on column private.settings.trust_weight is 'Bayesian formula: how many ratings the prior counts as.';

-- schemas/ratings/tables.sql

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

-- schemas/ratings/rules.sql

create function private.trust_score(score_sum bigint, score_count integer, formula text, prior numeric, weight numeric)
returns numeric
language plpgsql immutable set search_path = ''
as $$
begin
  if formula = 'bayesian' then
    return pg_catalog.round((prior * weight + score_sum) / (weight + score_count), 2);
  end if;
  if score_count = 0 then
    return 0;
  end if;
  -- as documented, the average enters with two digits
  return least(5, pg_catalog.round(
    pg_catalog.round(score_sum::numeric / score_count, 2) * pg_catalog.ln((score_count + 1)::numeric) /
      pg_catalog.ln(11::numeric), 2));
end $$;
comment on function private.trust_score(bigint, integer, text, numeric, numeric) is
  'Trust from the totals of a member''s revealed ratings, 0.00 to 5.00.';

create function private.add_to_totals(user_id uuid, score integer, number integer)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_totals   private.rating_totals;
  v_settings private.settings;
begin
  -- lock: the settings stay as they are until this is committed, so that a change of them finds these totals
  perform pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.hashtext('private.trust_settings'));
  select s.* into v_settings from private.settings s;
  update private.rating_totals t
  set score_sum = t.score_sum + add_to_totals.score, score_count = t.score_count + add_to_totals.number
  where t.user_id = add_to_totals.user_id
  returning t.* into v_totals;
  update public.users u
  set rating_average = coalesce(pg_catalog.round(v_totals.score_sum::numeric / nullif(v_totals.score_count, 0), 2), 0),
      rating_count   = v_totals.score_count,
      trust_score    = private.trust_score(v_totals.score_sum, v_totals.score_count, v_settings.trust_formula,
        v_settings.trust_prior, v_settings.trust_weight)
  where u.id = add_to_totals.user_id;
end $$;
comment on function private.add_to_totals(uuid, integer, integer) is
  'Moves a member''s totals and works average, count and trust out of them.';

create function private.count_rating()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if tg_op <> 'INSERT' and old.revealed_at is not null then
    perform private.add_to_totals(old.ratee_id, -old.score, -1);
  end if;
  if tg_op <> 'DELETE' and new.revealed_at is not null then
    perform private.add_to_totals(new.ratee_id, new.score, 1);
  end if;
  return null;
end $$;
comment on function private.count_rating() is
  'Trigger on ratings: the only writer of totals and of average, count and trust on users. Counts revealed ratings '
  'only, also when an admin edits or removes one.';
create trigger ratings_count_new after insert on public.ratings
  for each row when (new.revealed_at is not null) execute function private.count_rating();
create trigger ratings_count_changed after update of score, revealed_at, ratee_id on public.ratings
  for each row when ((old.score, old.revealed_at is null, old.ratee_id)
    is distinct from (new.score, new.revealed_at is null, new.ratee_id))
  execute function private.count_rating();
create trigger ratings_count_removed after delete on public.ratings
  for each row when (old.revealed_at is not null) execute function private.count_rating();

create function private.open_rating_totals()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.rating_totals (user_id) select m.id from new_members m;
  -- the Bayesian mean of no ratings is the prior
  update public.users u set trust_score = s.trust_prior from private.settings s
    where s.trust_formula = 'bayesian' and u.id in (select m.id from new_members m);
  return null;
end $$;
comment on function private.open_rating_totals() is 'Trigger on users: every member has totals from the start.';
create trigger users_open_rating_totals after insert on public.users referencing new table as new_members
  for each statement execute function private.open_rating_totals();

create function private.recompute_trust()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- lock: the job first, which may hold members while it waits for the settings; then whoever is counting a rating
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('ops.run_due_jobs'));
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtext('private.trust_settings'));
  perform from public.users u join private.rating_totals t on t.user_id = u.id
  where u.trust_score <> private.trust_score(t.score_sum, t.score_count, new.trust_formula, new.trust_prior,
    new.trust_weight)
  order by u.id for no key update of u;
  update public.users u
  set trust_score = private.trust_score(t.score_sum, t.score_count, new.trust_formula, new.trust_prior,
    new.trust_weight)
  from private.rating_totals t
  where t.user_id = u.id
    and u.trust_score <> private.trust_score(t.score_sum, t.score_count, new.trust_formula, new.trust_prior,
      new.trust_weight);
  return null;
end $$;
comment on function private.recompute_trust() is
  'Trigger on settings: works everybody''s trust out again when the formula, the prior or the weight changes. Reads '
  'every member.';
create trigger settings_recompute_trust after update of trust_formula, trust_prior, trust_weight on private.settings
  for each row when ((old.trust_formula, old.trust_prior, old.trust_weight)
    is distinct from (new.trust_formula, new.trust_prior, new.trust_weight))
  execute function private.recompute_trust();

insert into private.rating_totals (user_id) select u.id from public.users u;

-- schemas/ratings/admin.sql

create function ops.list_revealed_ratings()
returns setof public.ratings
language sql stable security definer set search_path = ''
as $$ select r.* from public.ratings r where r.revealed_at is not null $$;
comment on function ops.list_revealed_ratings() is 'Every revealed rating; body of the view ops.revealed_ratings.';
grant execute on function ops.list_revealed_ratings() to service_role;

create view ops.revealed_ratings with (security_invoker = true) as select * from ops.list_revealed_ratings();

comment on view ops.revealed_ratings is
  'Ratings that everybody may read, for admins: not even the secret key reads hidden ones.';
comment on column ops.revealed_ratings.score is '1 to 5.';
comment on column ops.revealed_ratings.comment is 'In words.';
comment on column ops.revealed_ratings.revealed_at is 'When it became visible to everybody.';

grant select on ops.revealed_ratings to service_role;

create function ops.audit_ratings()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  with revealed as (
    select r.ratee_id, sum(r.score) as score_sum, count(*)::integer as score_count
    from public.ratings r where r.revealed_at is not null group by r.ratee_id
  )
  -- totals and what stands on users, from the ratings themselves
  select 'rating_totals_differ', u.id::text,
    pg_catalog.format('%s in %s, expected %s in %s',
      t.score_sum, t.score_count, coalesce(r.score_sum, 0), coalesce(r.score_count, 0))
  from public.users u left join private.rating_totals t on t.user_id = u.id left join revealed r on r.ratee_id = u.id
  where (t.score_sum, t.score_count) is distinct from (coalesce(r.score_sum, 0), coalesce(r.score_count, 0))
  union all
  select 'rating_counters_differ', u.id::text,
    pg_catalog.format('average %s, count %s, trust %s; expected %s, %s, %s',
      u.rating_average, u.rating_count, u.trust_score, e.average, e.count, e.trust)
  from public.users u left join revealed r on r.ratee_id = u.id
  cross join private.settings s
  cross join lateral (
    select coalesce(pg_catalog.round(r.score_sum::numeric / r.score_count, 2), 0) as average,
      coalesce(r.score_count, 0) as count,
      private.trust_score(coalesce(r.score_sum, 0), coalesce(r.score_count, 0), s.trust_formula, s.trust_prior,
        s.trust_weight) as trust) e
  where (u.rating_average, u.rating_count, u.trust_score) is distinct from (e.average, e.count, e.trust)
  union all
  -- the two sides of a completed task, each about the other: what the missing foreign key would not have said either
  select 'rating_by_stranger', r.id::text, null
  from public.ratings r left join public.tasks t on t.id = r.task_id and t.status in ('completed', 'archived')
  where (r.rater_id, r.ratee_id) is distinct from (t.creator_id, t.helper_id)
    and (r.rater_id, r.ratee_id) is distinct from (t.helper_id, t.creator_id)
  union all
  -- hidden although both have rated, or a day too long
  select 'rating_not_revealed', r.id::text, null
  from public.ratings r
  where r.revealed_at is null
    and (r.created_at < now() - interval '8 days'
      or exists (select from public.ratings o where o.task_id = r.task_id and o.rater_id = r.ratee_id))
  union all
  select 'comment_of_erased_member', r.id::text, null
  from public.ratings r join public.users u on u.id in (r.rater_id, r.ratee_id)
  where r.comment is not null and not u.is_active
$$;
comment on function ops.audit_ratings() is
  'Proves the ratings: counters equal a recomputation, everybody rated whom they may, nothing is hidden for too '
  'long, no comment of an erased member is left. One row for each problem, none when everything is right.';
grant execute on function ops.audit_ratings() to service_role, app_read;

-- schemas/ratings/commands.sql

create function private.rate_task(task_id uuid, score integer, comment text)
returns public.ratings
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me      uuid := private.require_active_user();
  v_comment text := private.clean_optional_text(rate_task.comment, 'comment', private.max_message_length(), true);
  v_task    public.tasks;
  v_ratee   uuid;
  v_other   uuid;
  v_rating  public.ratings;
begin
  -- check
  if rate_task.score is null or rate_task.score not between private.min_score() and private.max_score() then
    raise exception using errcode = 'PT400', message = 'score_out_of_range',
      hint = pg_catalog.format('The score must be between %s and %s.', private.min_score(), private.max_score());
  end if;
  -- without a lock, which would show: who took part in a completed task never changes again
  select t.* into v_task from public.tasks t where t.id = rate_task.task_id and v_me in (t.creator_id, t.helper_id);
  if not found then
    raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
  end if;
  if v_task.status not in ('completed', 'archived') then
    raise exception using errcode = 'PT409', message = 'task_not_completed', detail = v_task.status,
      hint = 'Only completed tasks can be rated.';
  end if;
  v_ratee := case v_me when v_task.creator_id then v_task.helper_id else v_task.creator_id end;

  -- lock: neither side is being erased meanwhile; then one rating of this task after the other, so that the second
  -- sees the first
  perform from private.rating_totals t where t.user_id in (v_me, v_ratee) order by t.user_id for key share;
  perform private.require_active_user();
  if not (select u.is_active from public.users u where u.id = v_ratee) then
    v_comment := null;  -- nothing is written about people who have left
  end if;
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('ratings of ' || v_task.id, 0));
  select r.* into v_rating from public.ratings r where r.task_id = v_task.id and r.rater_id = v_me for no key update;

  -- act: change one's rating …
  if found then
    if (v_rating.score, v_rating.comment) is distinct from (rate_task.score, v_comment) then
      -- once it is revealed its author may have read the other one: no answer to that, but words can be withdrawn
      if (case when v_rating.revealed_at is null then v_rating.created_at <= now() - interval '24 hours'
         else v_rating.score <> rate_task.score or v_comment is not null end) then
        raise exception using errcode = 'PT409', message = 'rating_final',
          hint = 'A rating can be changed for 24 hours and until it is revealed; after that only its comment can be '
            'withdrawn.';
      end if;
      update public.ratings r set score = rate_task.score, comment = v_comment, updated_at = now()
      where r.id = v_rating.id
      returning r.* into v_rating;
    end if;
    return v_rating;
  end if;
  -- … or give it
  if v_task.completed_at <= now() - interval '60 days' then
    raise exception using errcode = 'PT409', message = 'rating_window_closed',
      hint = 'A task can be rated for 60 days.';
  end if;
  insert into public.ratings (task_id, rater_id, ratee_id, score, comment)
  values (v_task.id, v_me, v_ratee, rate_task.score, v_comment)
  returning * into v_rating;
  -- reveal: both have rated
  select r.id into v_other from public.ratings r where r.task_id = v_task.id and r.rater_id = v_ratee;
  if found then
    perform from private.rating_totals t where t.user_id in (v_me, v_ratee) order by t.user_id for no key update;
    -- whoever changes the settings of trust holds this and goes on to all members
    perform pg_catalog.pg_advisory_xact_lock_shared(pg_catalog.hashtext('private.trust_settings'));
    perform from public.users u where u.id in (v_me, v_ratee) order by u.id for no key update;
    -- by id: without statistics the planner would find the hidden ones of a task among all that are hidden
    update public.ratings r set revealed_at = now() where r.id in (v_rating.id, v_other) and r.revealed_at is null;
    select r.* into v_rating from public.ratings r where r.id = v_rating.id;
  end if;
  return v_rating;
end $$;
grant execute on function private.rate_task(uuid, integer, text) to authenticated;

create function public.rate_task(task_id uuid, score integer, comment text default null)
returns public.ratings
language plpgsql volatile set search_path = ''
as $$ begin return private.rate_task(task_id, score, comment); end $$;
comment on function public.rate_task(uuid, integer, text) is
  'Rates the other side of a completed task and returns the rating: score 1 to 5, comment at most 1000 characters, '
  'within 60 days of completion. Nobody else can read it until both have rated or 7 days have passed. Repeating it '
  'replaces score and comment, within 24 hours and until then; once revealed, the comment alone can be withdrawn, by '
  'the same score without one. A comment about a member who left is not kept. Errors: '
  'task_not_found, task_not_completed, score_out_of_range, rating_window_closed, rating_final, text_too_long, '
  'text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.rate_task(uuid, integer, text) to authenticated;

-- schemas/ratings/jobs.sql

create function private.reveal_ratings(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_rating public.ratings;
begin
  processed := 0; failed := 0;
  for v_rating in
    select r.* from public.ratings r
    where r.revealed_at is null and r.created_at <= as_of - interval '7 days'
    order by r.created_at limit batch
    for no key update skip locked
  loop
    begin
      -- skip locked: a run holds many rows and must wait for none; what is busy now comes with the next run
      perform from private.rating_totals t where t.user_id = v_rating.ratee_id for no key update skip locked;
      continue when not found;
      perform from public.users u where u.id = v_rating.ratee_id for no key update skip locked;
      continue when not found;
      update public.ratings r set revealed_at = now() where r.id = v_rating.id;
      processed := processed + 1;
    exception when others then  -- one bad row must not hold up the others; it is reported and tried again next time
      failed := failed + 1;
      raise warning 'rating % could not be revealed: % %', v_rating.id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.reveal_ratings(timestamptz, integer) is
  'Job: reveals ratings that have waited 7 days for the other side.';

insert into private.jobs (job, room, step, every) values
  ('reveal_ratings', 'ratings', 10, '1 minute');
-- undo: delete from private.jobs where room = 'ratings';

-- schemas/ratings/reads.sql

create function public.list_ratings(user_id uuid, page_size integer default 20, after uuid default null)
returns table (id uuid, task_id uuid, rater_id uuid, rater_name text, rater_avatar_path text, score integer,
  comment text, created_at timestamptz, updated_at timestamptz, revealed_at timestamptz)
language plpgsql stable set search_path = ''
as $$
declare
  v_page_size integer := least(greatest(coalesce(list_ratings.page_size, 20), 1), 100);
  v_from      timestamptz;
begin
  if not exists (select from public.users u where u.id = list_ratings.user_id) then
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
  if list_ratings.after is not null then
    select r.revealed_at into v_from from public.ratings r
      where r.id = list_ratings.after and r.ratee_id = list_ratings.user_id and r.revealed_at is not null;
    if not found then
      raise exception using errcode = 'PT400', message = 'cursor_invalid',
        hint = 'Please load the list again from the start.';
    end if;
  end if;
  return query
    select r.id, r.task_id, r.rater_id, u.name, u.avatar_path, r.score, r.comment, r.created_at, r.updated_at,
      r.revealed_at
    from public.ratings r join public.users u on u.id = r.rater_id
    where r.ratee_id = list_ratings.user_id and r.revealed_at is not null
      and r.revealed_at <= coalesce(v_from, 'infinity')  -- says nothing new, but gives the index a place to start from
      and (list_ratings.after is null or (r.revealed_at, r.id) < (v_from, list_ratings.after))
    order by r.revealed_at desc nulls last, r.id desc
    limit v_page_size;
end $$;
comment on function public.list_ratings(uuid, integer, uuid) is
  'The revealed ratings about a member, last revealed first, each with its author. page_size is clamped; '
  'for the next page pass the id of the last row as after. May be null: comment, rater_avatar_path. Errors: '
  'user_not_found, cursor_invalid.';
grant execute on function public.list_ratings(uuid, integer, uuid) to authenticated;

create function private.explain_trust(user_id uuid)
returns table (part text, amount numeric, text_de text, text_en text)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_settings  private.settings;
  v_totals    private.rating_totals;
  v_average   numeric;
  v_raw       numeric;
  v_prior     numeric;
  v_assumed   jsonb;
  v_in_german jsonb;
begin
  perform private.require_member();
  select s.* into v_settings from private.settings s;
  v_assumed := pg_catalog.jsonb_build_object('prior', v_settings.trust_prior,
    'weight', pg_catalog.trim_scale(v_settings.trust_weight));
  v_in_german := pg_catalog.jsonb_build_object('prior', pg_catalog.replace(v_assumed ->> 'prior', '.', ','),
    'weight', pg_catalog.replace(v_assumed ->> 'weight', '.', ','));
  select t.* into v_totals from private.rating_totals t where t.user_id = explain_trust.user_id;
  if not found then
    raise exception using errcode = 'PT404', message = 'user_not_found', hint = 'There is no such member.';
  end if;
  if v_settings.trust_formula = 'bayesian' then
    v_prior := pg_catalog.round(v_settings.trust_prior * v_settings.trust_weight /
      (v_settings.trust_weight + v_totals.score_count), 2);
    return query values
      ('prior', v_prior,
       private.fill_in('Vorschuss: So viel zählt, was wir von allen annehmen ({prior}; im Gewicht von '
         '{weight, plural, one {# Bewertung} other {# Bewertungen}}).', v_in_german),
       private.fill_in('Prior: what we assume of everybody ({prior}, weighing as much as '
         '{weight, plural, one {# rating} other {# ratings}}).', v_assumed)),
      ('ratings', private.trust_score(v_totals.score_sum, v_totals.score_count, 'bayesian', v_settings.trust_prior,
        v_settings.trust_weight) - v_prior,
       pg_catalog.format('Anteil der sichtbaren Bewertungen (%s).', v_totals.score_count),
       pg_catalog.format('Share of the visible ratings (%s).', v_totals.score_count));
    return;
  end if;
  v_average := coalesce(pg_catalog.round(v_totals.score_sum::numeric / nullif(v_totals.score_count, 0), 2), 0.00);
  v_raw := pg_catalog.round(v_average * pg_catalog.ln((v_totals.score_count + 1)::numeric) /
    pg_catalog.ln(11::numeric), 2);
  return query values
    ('average', v_average,
     case when v_totals.score_count = 0 then 'Noch keine sichtbare Bewertung.'
          else pg_catalog.format('Durchschnitt der sichtbaren Bewertungen (%s).', v_totals.score_count) end,
     case when v_totals.score_count = 0 then 'No visible rating yet.'
          else pg_catalog.format('Average of the visible ratings (%s).', v_totals.score_count) end),
    ('number', v_raw - v_average,
     case when v_totals.score_count < 10 then 'Abzug, solange es weniger als 10 Bewertungen sind.'
       else 'Zuschlag für viele Bewertungen.' end,
     case when v_totals.score_count < 10 then 'Deduction while there are fewer than 10 ratings.'
       else 'Bonus for many ratings.' end),
    ('limit', least(5, v_raw) - v_raw, 'Mehr als 5 gibt es nicht.', 'There is no more than 5.');
end $$;
grant execute on function private.explain_trust(uuid) to authenticated;

create function public.explain_trust(user_id uuid)
returns table (part public.trust_part_name, amount numeric, text_de text, text_en text)
language plpgsql stable set search_path = ''
as $$ begin return query
  select e.part::public.trust_part_name, e.amount, e.text_de, e.text_en
  from private.explain_trust(explain_trust.user_id) e; end $$;
comment on function public.explain_trust(uuid) is
  'The parts of a member''s trust_score, with a sentence about each; the amounts add up to the score exactly. '
  'Errors: user_not_found, not_signed_in, user_inactive.';
grant execute on function public.explain_trust(uuid) to authenticated;
