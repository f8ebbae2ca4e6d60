-- Written by npm run db:build: takes the room ratings out again. DELETES what is in private.rating_totals, public.ratings: take a backup first.

drop function public.explain_trust;
drop function private.explain_trust;
drop function public.list_ratings;
drop function private.run_ratings_jobs;
drop function public.rate_task;
drop function private.rate_task;
drop function ops.audit_ratings;
drop view ops.revealed_ratings;
drop function ops.list_revealed_ratings;
drop trigger settings_recompute_trust on private.settings;
drop function private.recompute_trust;
drop trigger users_open_rating_totals on public.users;
drop function private.open_rating_totals;
drop trigger ratings_count_removed on public.ratings;
drop trigger ratings_count_changed on public.ratings;
drop trigger ratings_count_new on public.ratings;
drop function private.count_rating;
drop function private.add_to_totals;
drop function private.trust_score;
drop table public.ratings;
drop table private.rating_totals;
alter table private.settings drop column trust_formula;
alter table private.settings drop column trust_prior;
alter table private.settings drop column trust_weight;
