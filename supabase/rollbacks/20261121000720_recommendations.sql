-- Rollback of recommendations. DELETES reviews, preferences and suggestions; places of the community stay, without their authors. Take a backup first.

drop function ops.audit_recommendations;
drop function public.suggest_helpers;
drop function public.recommended_tasks;
drop function public.recommended_places;
drop function public.set_preference;
drop function public.delete_review;
drop function public.review_place;
drop function public.add_place;
drop function private.run_recommendations_jobs;
drop function private.suggest_helpers;
drop function private.pick_helpers;
drop type private.suggested_helper;
drop function private.recommended_tasks;
drop function private.recommended_places;
drop type private.recommended_task;
drop type private.recommended_place;
drop function private.explain_recommendation;
drop function private.cells_around;
drop function private.task_preference;
drop function private.set_preference;
drop function private.delete_review;
drop function private.review_place;
drop function private.add_place;
drop function private.lock_visible_place;

drop trigger users_relist_helper on public.users;
drop trigger user_contacts_close_helper on public.user_contacts;
drop trigger user_contacts_relist_helper on public.user_contacts;
drop trigger user_contacts_open_helper on public.user_contacts;
drop trigger user_settings_close_helper on public.user_settings;
drop trigger user_settings_relist_helper on public.user_settings;
drop trigger user_settings_open_helper on public.user_settings;
drop trigger settings_weigh_anew on private.settings;
drop trigger users_rate_tasks on public.users;
drop trigger open_tasks_rate on private.open_tasks;
drop trigger partners_relist_places on public.partners;
drop trigger places_relist on public.places;
drop function private.relist_helper;
drop function private.list_helper;
drop function private.weigh_anew;
drop function private.rate_tasks_of_member;
drop function private.rate_open_task;
drop function private.relist_places_of_partner;
drop function private.relist_place;
drop function private.list_place;
drop function private.quality_parts;
drop function private.place_categories;

drop table private.helper_suggestions;
drop table private.suggestion_rounds;
drop table private.open_helpers;
drop table private.listed_places;
drop table public.preferences;
drop table public.place_reviews;
drop function private.count_review;
drop table private.place_authors;

alter table private.open_tasks
  drop column quality,
  drop column part_popularity,
  drop column part_rating;
alter table public.places drop column rating_sum;
alter table private.settings
  drop column place_limit_per_day,
  drop column suggestion_limit_per_day,
  drop column suggestion_fatigue_weight,
  drop column suggestion_trust_weight,
  drop column suggestion_preference_weight,
  drop column suggestion_distance_weight,
  drop column recommendation_neutral_part,
  drop column recommendation_proximity_weight,
  drop column recommendation_popularity_weight,
  drop column recommendation_rating_weight,
  drop column recommendation_preference_weight;
