-- Fills the rooms that members come back for: places with reviews, preferences, and what is projected for search and statistics.

set session_replication_role = replica;
select bench.drop_indexes('public.places', 'public.place_reviews');

insert into public.place_reviews (place_id, user_id, rating, created_at, updated_at)
select place_id, user_id, rating, created_at, created_at from bench.place_reviews;

insert into public.places (id, name, category, description, latitude, longitude, source, created_at, rating_sum, rating_count, rating_average)
select p.id, p.name, p.category, p.description, p.latitude, p.longitude, 'community', p.created_at,
  coalesce(r.rating_sum, 0), coalesce(r.rating_count, 0), coalesce(round(r.rating_sum::numeric / r.rating_count, 2), 0)
from bench.places p
left join (select place_id, sum(rating) as rating_sum, count(*) as rating_count from public.place_reviews group by place_id) r on r.place_id = p.id;
select count(private.project_place(p.id)) from public.places p;

insert into public.preferences (user_id, category, rating) select user_id, category, rating from bench.preferences;

-- The projection of the search. The room's own function reads and stems text by text, which takes ten minutes for a million; the texts are put
-- together from a few thousand parts, so their terms are, too. ops.audit_search() compares with what the room would have written.
select bench.drop_indexes('private.task_texts', 'private.place_texts');
create unlogged table bench.parts as
select p.part, private.terms_of(p.part, '')::text as in_title, private.terms_of('', p.part)::text as in_body, array_to_string(private.words_of(p.part), ' ') as words
from (
  select bench.phrase(n) as part from generate_series(1, 1000) n
  union select bench.circumstance(n) from generate_series(1, 1000) n
  union select bench.sentence(n, 73) from generate_series(1, 1000) n
  union select bench.kind_of_place(n) from generate_series(1, 1000) n
  union select bench.category_of_place(n) from generate_series(1, 1000) n
  union select a || b || c from unnest(bench.syllables(1)) a, unnest(bench.syllables(2)) b, unnest(bench.syllables(3)) c) p;
alter table bench.parts add primary key (part);
analyze bench.parts;

insert into private.task_texts (task_id, creator_id, category, position, square, neighbourhood_id, expires_at, title, terms)
select o.task_id, o.creator_id, o.category, o.position, o.square, o.neighbourhood_id, o.expires_at, concat_ws(' ', a.words, b.words, c.words),
  concat_ws(' ', a.in_title, b.in_title, c.in_title, d.in_body, e.in_body, f.in_body, g.in_body, h.in_body, i.in_body, j.in_body)::tsvector
from bench.sizes s
cross join lateral generate_series(s.pending + 1, s.tasks - s.completed) n
join private.open_tasks o on o.task_id = bench.task_id(n)
join bench.parts a on a.part = bench.phrase(n)
join bench.parts b on b.part = bench.circumstance(n)
join bench.parts c on c.part = bench.rare_word(n, 110)
join bench.parts d on d.part = bench.sentence(n, 73)
join bench.parts e on e.part = bench.sentence(n, 74)
left join bench.parts f on n % 2 = 0 and f.part = bench.sentence(n, 75)
left join bench.parts g on n % 2 = 0 and g.part = bench.sentence(n, 76)
left join bench.parts h on n % 2 = 0 and h.part = bench.sentence(n, 77)
join bench.parts i on i.part = bench.rare_word(n, 120)
join bench.parts j on j.part = bench.rare_word(n, 130);

insert into private.place_texts (place_id, category, position, square, neighbourhood_id, title, terms)
select l.place_id, l.category, l.position, l.square, null, concat_ws(' ', a.words, b.words),
  concat_ws(' ', a.in_title, b.in_title, c.in_title, d.in_body, e.in_body, f.in_body, g.in_body, h.in_body, i.in_body, j.in_body)::tsvector
from bench.sizes s
cross join lateral generate_series(1, s.places) n
join private.listed_places l on l.place_id = md5('place ' || n)::uuid
join bench.parts a on a.part = bench.kind_of_place(n)
join bench.parts b on b.part = bench.rare_word(n, 140)
join bench.parts c on c.part = bench.category_of_place(n)
join bench.parts d on d.part = bench.sentence(n, 73)
join bench.parts e on e.part = bench.sentence(n, 74)
left join bench.parts f on n % 2 = 0 and f.part = bench.sentence(n, 75)
left join bench.parts g on n % 2 = 0 and g.part = bench.sentence(n, 76)
left join bench.parts h on n % 2 = 0 and h.part = bench.sentence(n, 77)
join bench.parts i on i.part = bench.rare_word(n, 120)
join bench.parts j on j.part = bench.rare_word(n, 130);
drop table bench.parts;

select bench.restore_indexes();
set session_replication_role = origin;

analyze public.users, public.user_settings, public.tasks, public.task_events, public.point_transactions;
select ops.rebuild_statistics();
