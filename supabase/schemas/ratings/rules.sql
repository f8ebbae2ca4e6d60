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
