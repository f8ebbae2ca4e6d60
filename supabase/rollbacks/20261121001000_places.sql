-- Written by npm run db:build: takes the room places out again. DELETES what is in public.places, private.place_authors, public.place_reviews: take a backup first.

alter table private.settings drop column place_limit_per_day;
alter table private.settings drop column review_limit_per_day;
drop trigger place_reviews_count on public.place_reviews;
drop function private.count_review;
drop function private.is_shown;
drop function private.place_categories;
drop trigger places_check_opening_hours on public.places;
drop function private.check_opening_hours;
drop function private.opening_hours_overlap;
drop function public.delete_review;
drop function private.delete_review;
drop function public.review_place;
drop function private.review_place;
drop function public.add_place;
drop function private.add_place;
drop function private.lock_visible_place;
drop trigger place_reviews_set_updated_at on public.place_reviews;
drop table public.place_reviews;
drop table private.place_authors;
drop trigger places_set_updated_at on public.places;
drop table public.places;
drop function private.max_place_description_length;
drop function private.max_place_type_length;
drop function private.max_place_types;
drop domain public.opening_hours;
drop domain public.place_source;
drop domain public.place_category;
