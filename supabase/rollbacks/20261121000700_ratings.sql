-- Rollback of ratings. DELETES every rating and sets average, count and trust to 0. Take a backup first.

drop view ops.revealed_ratings;
drop function ops.list_revealed_ratings;
drop function ops.audit_ratings;
drop function public.explain_trust;
drop function public.list_ratings;
drop function public.rate_task;
drop function private.run_ratings_jobs;
drop function private.explain_trust;
drop function private.rate_task;
drop trigger settings_recompute_trust on private.settings;
drop function private.recompute_trust;
drop trigger users_open_rating_totals on public.users;
drop function private.open_rating_totals;
drop table public.ratings;
drop table private.rating_totals;
drop function private.count_rating;
drop function private.add_to_totals;
drop function private.trust_score;
update public.users set rating_average = 0, rating_count = 0, trust_score = 0 where rating_count > 0 or trust_score > 0;

alter table private.settings
  drop column trust_formula,
  drop column trust_prior,
  drop column trust_weight;
