-- Written by npm run db:build from supabase/schemas/search/: edit there.

-- schemas/search/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.max_query_length() returns integer language sql immutable set search_path = '' return 1000;
comment on function private.max_query_length() is 'Characters of a query that are looked at.';

-- schemas/search/terms.sql

-- Room: search. Open tasks and places found by words: folded, stemmed, by their beginnings, and when little is found
-- by similar spelling. Two projections hold what is searched, kept by triggers; every word is bound to the square of
-- the map its row lies in, so that a search reads a few squares and never the rest of the country
-- (docs/rooms/search.md).

create extension if not exists pg_trgm with schema extensions;
-- undo: drop extension pg_trgm;

create function private.bind_terms(terms tsvector, square bigint, category text, neighbourhood_id uuid)
returns tsvector
language plpgsql immutable set search_path = ''
as $$
begin
  -- as text, because it is ten times faster than term by term; every term begins after a space and a quote
  return pg_catalog.replace(
    pg_catalog.concat(' ', pg_catalog.strip(terms), ' ''#', category, '''', ' ''@' || neighbourhood_id::text || ''''),
    ' ''', ' ''' || square::text || ':')::tsvector;
end $$;
comment on function private.bind_terms(tsvector, bigint, text, uuid) is
  'Terms bound to their square of the map, as 123:garten, with 123:#category and 123:@neighbourhood. The index over '
  'it finds a word within a square, and nothing outside.';

-- schemas/search/tables.sql

create table private.task_texts (
  task_id          uuid primary key,
  creator_id       uuid not null,
  category         text not null,
  position         point not null,
  square           bigint not null,
  neighbourhood_id uuid,
  expires_at       timestamptz not null,
  starts_at        timestamptz,
  title            text not null,
  terms            tsvector not null
);

comment on table private.task_texts is
  'Projection of private.open_tasks for search_tasks, kept by triggers: one row for each listed task. '
  'ops.audit_search() proves it.';
comment on column private.task_texts.position is 'Its cell centre on the plane, see private.position_at.';
comment on column private.task_texts.square is 'Square it lies in, see private.square_at.';
comment on column private.task_texts.neighbourhood_id is 'Its neighbourhood; null outside of all.';
comment on column private.task_texts.expires_at is 'When it ends by itself; infinity for never.';
comment on column private.task_texts.starts_at is 'When help is wanted; null for whenever it suits.';
comment on column private.task_texts.title is 'Words of the title, folded: what a misspelt word is compared with.';
comment on column private.task_texts.terms is
  'Words and stems of the title (weight A) and the description (weight B), see private.terms_of.';

-- Without a pending list, which every search would have to read through.
create index task_texts_by_term on private.task_texts
  using gin (private.bind_terms(terms, square, category, neighbourhood_id)) with (fastupdate = off);

alter table private.task_texts enable row level security;

create table private.place_texts (
  place_id         uuid primary key,
  category         text not null,
  position         point not null,
  square           bigint not null,
  neighbourhood_id uuid,
  title            text not null,
  terms            tsvector not null
);

comment on table private.place_texts is
  'Projection of the active places of active partners and of the community for search_places, kept by triggers. '
  'ops.audit_search() proves it.';
comment on column private.place_texts.position is 'Where it lies on the plane, see private.position_at.';
comment on column private.place_texts.square is 'Square it lies in, see private.square_at.';
comment on column private.place_texts.neighbourhood_id is 'Neighbourhood it lies in; null outside of all.';
comment on column private.place_texts.title is 'Words of the name, folded: what a misspelt word is compared with.';
comment on column private.place_texts.terms is
  'Words and stems of name, category and types (weight A), description and address (weight B), see private.terms_of.';

create index place_texts_by_term on private.place_texts
  using gin (private.bind_terms(terms, square, category, neighbourhood_id)) with (fastupdate = off);
create index place_texts_by_position on private.place_texts using gist (position);

alter table private.place_texts enable row level security;

-- schemas/search/rules.sql

create function private.text_of_task(task private.open_tasks)
returns private.task_texts
language plpgsql stable set search_path = ''
as $$
declare
  v_text private.task_texts;
begin
  select task.task_id, task.creator_id, task.category, task.position, task.square, task.neighbourhood_id,
    task.expires_at, task.starts_at, pg_catalog.array_to_string(private.words_of(t.title), ' '),
    private.terms_of(t.title, t.description)
  into v_text
  from public.tasks t where t.id = task.task_id;
  return v_text;
end $$;
comment on function private.text_of_task(private.open_tasks) is 'What a listed task is found by.';

create function private.text_of_place(place public.places)
returns private.place_texts
language plpgsql stable set search_path = ''
as $$
declare
  v_position point := private.position_at(place.latitude, place.longitude);
begin
  return (place.id, place.category, v_position, private.square_at(v_position),
    private.neighbourhood_at(place.latitude, place.longitude),
    pg_catalog.array_to_string(private.words_of(place.name), ' '),
    private.terms_of(
      pg_catalog.concat_ws(' ', place.name, place.category, pg_catalog.array_to_string(place.types, ' ')),
      pg_catalog.concat_ws(' ', place.description, place.address)))::private.place_texts;
end $$;
comment on function private.text_of_place(public.places) is 'What a place is found by.';

create function private.follow_open_task()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    delete from private.task_texts e where e.task_id = old.task_id;
  elsif tg_op = 'INSERT' then
    insert into private.task_texts select x.* from private.text_of_task(new) x;
  else
    update private.task_texts e
    set category = new.category, position = new.position, square = new.square,
      neighbourhood_id = new.neighbourhood_id, expires_at = new.expires_at, starts_at = new.starts_at
    where e.task_id = new.task_id;
  end if;
  return null;
end $$;
comment on function private.follow_open_task() is
  'Trigger on private.open_tasks: what is listed can be searched, and nothing else.';
create trigger open_tasks_are_searched after insert or delete on private.open_tasks
  for each row execute function private.follow_open_task();
create trigger open_tasks_are_searched_where_they_are after update on private.open_tasks
  for each row when (old.category <> new.category or not old.position ~= new.position
    or old.neighbourhood_id is distinct from new.neighbourhood_id or old.expires_at <> new.expires_at
    or old.starts_at is distinct from new.starts_at)
  execute function private.follow_open_task();

create function private.follow_task_text()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  update private.task_texts e
  set title = pg_catalog.array_to_string(private.words_of(new.title), ' '),
    terms = private.terms_of(new.title, new.description)
  where e.task_id = new.id;
  return null;
end $$;
comment on function private.follow_task_text() is 'Trigger on tasks: the search follows the words.';
create trigger tasks_are_searched_by_their_words after update of title, description on public.tasks
  for each row when (old.title <> new.title or old.description <> new.description)
  execute function private.follow_task_text();

create function private.project_place_text(place_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- lock: whoever deletes the place, or switches its partner off, waits or is waited for; in place, because who waits
  -- for a row that is deleted and written anew does not see the new one
  perform from public.places p where p.id = project_place_text.place_id for key share;
  perform from public.partners n join public.places p on p.partner_id = n.id where p.id = project_place_text.place_id
    for share of n;
  insert into private.place_texts as e
  select x.*
  from public.places p cross join lateral private.text_of_place(p) x
  where p.id = project_place_text.place_id and private.is_shown(p)
  on conflict on constraint place_texts_pkey do update
    set category = excluded.category, position = excluded.position, square = excluded.square,
      neighbourhood_id = excluded.neighbourhood_id, title = excluded.title, terms = excluded.terms;
  if not found then
    delete from private.place_texts e where e.place_id = project_place_text.place_id;
  end if;
end $$;
comment on function private.project_place_text(uuid) is
  'Puts a place into the search, refreshes it there or takes it away, as it is shown or not.';

create function private.follow_place()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform private.project_place_text(coalesce(new.id, old.id));
  return null;
end $$;
comment on function private.follow_place() is 'Trigger on places: the search follows what it shows.';
create trigger places_are_searched after insert or delete
  or update of id, partner_id, name, category, types, description, address, latitude, longitude, is_active
  on public.places for each row execute function private.follow_place();

create function private.follow_partner()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform private.project_place_text(p.id) from public.places p where p.partner_id = new.id order by p.id;
  return null;
end $$;
comment on function private.follow_partner() is
  'Trigger on partners: the places of a partner who is switched off are not found.';
create trigger partners_places_are_searched after update of is_active on public.partners
  for each row when (old.is_active <> new.is_active) execute function private.follow_partner();

create function private.find_places_of_neighbourhood()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update private.place_texts e set neighbourhood_id = private.neighbourhood_at(p.latitude, p.longitude)
  from public.places p
  where p.id = e.place_id
    and (e.neighbourhood_id = old.id
      or extensions.st_intersects(new.area, p.location::extensions.geometry));
  return null;
end $$;
comment on function private.find_places_of_neighbourhood() is
  'Trigger on neighbourhoods: places find theirs again when an area is drawn, redrawn or removed. Reads every place; '
  'areas change rarely.';
create trigger neighbourhoods_find_places after insert or update of area or delete on public.neighbourhoods
  for each row execute function private.find_places_of_neighbourhood();

-- schemas/search/admin.sql

create function private.fill_search()
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  insert into private.task_texts select x.* from private.open_tasks o cross join lateral private.text_of_task(o) x;
  insert into private.place_texts
  select x.* from public.places p cross join lateral private.text_of_place(p) x where private.is_shown(p);
end $$;
comment on function private.fill_search() is 'Fills the empty projections of the search.';

create function ops.audit_search()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  select 'listed_task_not_searched', o.task_id::text, null
  from private.open_tasks o where not exists (select from private.task_texts e where e.task_id = o.task_id)
  union all
  select 'searched_task_not_listed', e.task_id::text, null
  from private.task_texts e where not exists (select from private.open_tasks o where o.task_id = e.task_id)
  union all
  select 'searched_task_differs', e.task_id::text, null
  from private.task_texts e
  join private.open_tasks o on o.task_id = e.task_id
  cross join lateral private.text_of_task(o) x
  where (e.creator_id, e.category, e.square, e.neighbourhood_id, e.expires_at, e.starts_at, e.title, e.terms)
        is distinct from (x.creator_id, x.category, x.square, x.neighbourhood_id, x.expires_at, x.starts_at, x.title,
          x.terms)
     or not (e.position ~= x.position)
  union all
  select 'place_not_searched', p.id::text, null
  from public.places p
  where private.is_shown(p) and not exists (select from private.place_texts e where e.place_id = p.id)
  union all
  select 'searched_place_not_active', e.place_id::text, null
  from private.place_texts e
  where not exists (select from public.places p where p.id = e.place_id and private.is_shown(p))
  union all
  select 'searched_place_differs', e.place_id::text, null
  from private.place_texts e
  join public.places p on p.id = e.place_id
  cross join lateral private.text_of_place(p) x
  where (e.category, e.square, e.neighbourhood_id, e.title, e.terms)
        is distinct from (x.category, x.square, x.neighbourhood_id, x.title, x.terms)
     or not (e.position ~= x.position)
$$;
comment on function ops.audit_search() is
  'Proves that what is searched agrees with the tasks and places: one row for each problem, none when everything is '
  'right. Reads and stems every text; run it off-peak on large data. After an upgrade of PostgreSQL, whose stemmers '
  'may have changed, ops.rebuild_search() mends what it finds.';
grant execute on function ops.audit_search() to service_role, app_read;

create function ops.rebuild_search()
returns integer
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- lock: who is drawing an area goes on to both projections
  lock table public.neighbourhoods in share mode;
  -- truncating keeps everybody out until the end; nobody searches a half-filled projection
  truncate private.task_texts, private.place_texts;
  perform private.fill_search();
  return (select count(*) from private.task_texts) + (select count(*) from private.place_texts);
end $$;
comment on function ops.rebuild_search() is
  'Writes the projections of the search anew and returns their number of rows. Searches and new tasks wait meanwhile.';
grant execute on function ops.rebuild_search() to service_role;

select private.fill_search();
-- undo: nothing

-- schemas/search/matching.sql

create function private.word_query(word text, forms text[], joined text[])
returns tsquery
language plpgsql immutable set search_path = ''
as $$
begin
  if private.may_be_unspaced(word) and word ~ ('^[' || private.unspaced_characters() || ']') then
    -- piece by piece, as long as the index has them
    return (select pg_catalog.string_agg(
        pg_catalog.concat('''', pg_catalog.substr(word, i, private.inner_word_length()), ''':*'), ' & ')
      from pg_catalog.generate_series(1, pg_catalog.char_length(word), private.inner_word_length()) i)::tsquery;
  end if;
  return pg_catalog.concat('''', pg_catalog.array_to_string(array[word] || joined, ''':* | '''), ''':* | ''',
    pg_catalog.array_to_string(forms, ''' | '''), '''')::tsquery;
end $$;
comment on function private.word_query(text, text[], text[]) is
  'How a word is looked for: by its beginning, its forms, and written together with what stands beside it.';

create function private.parse_search(query text, out words text[], out template text, out ranking tsquery,
  out word_queries tsquery[])
language plpgsql immutable set search_path = ''
as $$
declare
  c_words  constant integer := 8;
  v_folded text := private.fold_text(pg_catalog.left(query, private.max_query_length()));
  v_words  text[] := array(
    select w.word from pg_catalog.unnest(private.split_words(v_folded)) with ordinality w (word, position)
    group by w.word order by min(w.position));
begin
  with joined as materialized (select * from private.joined_words(v_folded))
  select coalesce(pg_catalog.array_agg(q.word), '{}'),
    coalesce(pg_catalog.array_agg(private.word_query(q.word, q.forms,
      array(select distinct j.word from joined j where q.word = any (j.parts)))), '{}')
  into words, word_queries
  from (select f.word, f.forms from private.word_forms(v_words) f order by pg_catalog.array_position(v_words, f.word)
    limit c_words) q;
  if words = '{}' and v_words <> '{}' then
    -- somebody who has typed only stop words so far may be in the middle of the last one
    words := v_words[pg_catalog.cardinality(v_words):];
    word_queries := array[private.word_query(words[1], words, '{}')];
  end if;
  template := (
    select pg_catalog.regexp_replace(pg_catalog.string_agg('(' || q.word_query::text || ')', ' & '), '''([^'']+)''',
      '''%:\1''', 'g')
    from pg_catalog.unnest(word_queries) q (word_query));
  ranking := pg_catalog.array_to_string(word_queries, ' | ')::tsquery;
end $$;
comment on function private.parse_search(text) is
  'What a search looks for, null-safe and never an error: its words (at most eight, stop words left out); a query '
  'for each word, see private.word_query; all of them as template of a bound query, where % stands for '
  'the square; and any of them, for ranking.';

create function private.bound_query(template text, categories text[], neighbourhood_id uuid)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return pg_catalog.concat(template,
    ' & (' || (select pg_catalog.string_agg('''%:#' || c.slug || '''', ' | ')
      from pg_catalog.unnest(categories) c (slug)) || ')',
    ' & ''%:@' || neighbourhood_id::text || '''');
end $$;
comment on function private.bound_query(text, text[], uuid) is
  'A template of private.parse_search narrowed to categories and a neighbourhood; null for either: all.';

create function private.nearest_texts(kind text, circle private.circle, most integer)
returns uuid[]
language plpgsql stable set search_path = ''
-- as in private.nearby_tasks: follow the index by distance
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return case kind
    when 'task' then array(
      select o.task_id from private.open_tasks o where o.position <@ circle.area
      order by o.position <-> circle.centre limit most)
    else array(
      select e.place_id from private.place_texts e where e.position <@ circle.area
      order by e.position <-> circle.centre limit most) end;
end $$;
comment on function private.nearest_texts(text, private.circle, integer) is
  'Ids of the listed tasks or places nearest to the centre of a circle, of those in the box around it.';

create function private.similarity_of(words text[], word_queries tsquery[], title text, terms tsvector,
  least_similarity double precision)
returns double precision
language plpgsql immutable set search_path = ''
as $$
declare
  v_sum  double precision := 0;
  v_word double precision;
begin
  for i in 1 .. pg_catalog.cardinality(words) loop
    v_word := case
      when terms @@ word_queries[i] then 1
      -- three letters are similar to too much
      when pg_catalog.char_length(words[i]) > 3 then extensions.word_similarity(words[i], title)
      else 0 end;
    if v_word < least_similarity then
      return null;
    end if;
    v_sum := v_sum + v_word;
  end loop;
  return v_sum / pg_catalog.cardinality(words);
end $$;
comment on function private.similarity_of(text[], tsquery[], text, tsvector, double precision) is
  'How similar a title is to the words of a search, least_similarity to 1, where each word is there or one spelt '
  'like it; null otherwise.';

-- schemas/search/reads.sql

-- As public.nearby_task: a row, and what it adds comes first.
create table public.found_task (
  rank    double precision not null,
  snippet text not null,
  like public.nearby_task including comments
);

comment on table public.found_task is
  'Row of search_tasks: the task, its distance, its rank, where the words are, and its cursor. Holds nothing.';
comment on column public.found_task.rank is
  'How well the words fit and how near it is, 0 to 1; below 0.5 some word is only spelt alike.';
comment on column public.found_task.snippet is 'Where the words are: plain text with the hits in «».';

alter table public.found_task enable row level security;

create type private.found_place as (
  id uuid, partner_id uuid, name text, category public.place_category, types text[], description text,
    rating_average numeric,
    rating_count integer, address text,
  latitude double precision, longitude double precision, opening_hours public.opening_hours,
    source public.place_source, created_at timestamptz,
    updated_at timestamptz,
  distance_m integer, rank double precision, snippet text, cursor text);

comment on type private.found_place is
  'Row of search_places: the public columns of a place, its distance, its rank, where the words are, and its cursor.';

create function private.search_texts(kind text, query text, latitude double precision, longitude double precision,
  radius_m integer, categories text[], page_size integer, after text, neighbourhood_id uuid, hidden uuid[],
  starts tstzrange)
returns table (id uuid, distance_m double precision, rank double precision, words text[],
  least_similarity double precision, cursor text)
language plpgsql stable rows 20 set search_path = ''
-- the planner takes every search for one that finds a lot; a search by words has to follow the index of words
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
declare
  c_few        constant integer := 10;    -- with fewer hits, similar spelling counts too
  c_read       constant integer := 2000;  -- hits that are read, nearest squares first
  c_ranked     constant integer := 500;   -- hits that are ranked, the nearest of these
  c_compared   constant integer := 1000;  -- nearest titles that are compared letter by letter
  c_alike      constant double precision := 0.4;  -- similarity of trigrams from which a word counts as misspelt
  -- seven parts how well the words fit, three parts nearness; whatever was found as written comes before what is
  -- spelt alike
  c_as_written constant double precision := 0.5;
  c_share      constant double precision := 0.499;
  v_list       text := pg_catalog.format('search_%ss', search_texts.kind);
  v_limit      integer := private.clamp_page_size(search_texts.page_size);
  v_circles    private.circle[] :=
    private.circles_around(search_texts.latitude, search_texts.longitude, search_texts.radius_m);
  v_radius_m   double precision := private.clamp_radius(search_texts.radius_m);
  v_circle     private.circle;
  v_after_rank double precision := 2;  -- above every rank
  v_after_id   uuid;
  v_search     record;
  v_query      text;
  v_ids        uuid[];
  v_distances  double precision[];
  v_ranks      double precision[];
  v_more_ids       uuid[];
  v_more_distances double precision[];
  v_more_ranks     double precision[];
begin
  if search_texts.after is not null then
    select c.key, c.id into v_after_rank, v_after_id from private.decode_cursor(search_texts.after, v_list) c;
  end if;
  v_search := private.parse_search(search_texts.query);
  if v_search.words = '{}' then
    return;
  end if;
  v_query := private.bound_query(v_search.template, search_texts.categories, search_texts.neighbourhood_id);

  -- as written: square after square, until enough is read; the half of the other kind never runs
  with texts as not materialized (
    select 'task' as kind, t.task_id as id, t.creator_id, t.category, t.position, t.square, t.neighbourhood_id,
      t.expires_at, t.starts_at, t.title, t.terms
    from private.task_texts t
    union all
    select 'place', p.place_id, null, p.category, p.position, p.square, p.neighbourhood_id, 'infinity', null, p.title,
      p.terms
    from private.place_texts p)
  select pg_catalog.array_agg(n.id), pg_catalog.array_agg(n.distance),
    pg_catalog.array_agg(c_as_written + c_share *
      (0.7 * least(pg_catalog.ts_rank(n.terms, v_search.ranking), 1) + 0.3 * (1 - n.distance / v_radius_m)))
  into v_ids, v_distances, v_ranks
  from (
    select m.id, m.terms, m.distance
    from (
      select e.id, e.terms, e.distance
      from private.squares_around(v_circles) s
      cross join lateral (
        select b.id, b.terms, (b.position <-> s.centre) * s.scale as distance
        from texts b
        where b.kind = search_texts.kind
          and private.bind_terms(b.terms, b.square, b.category, b.neighbourhood_id) @@
            pg_catalog.replace(v_query, '%', s.square::text)::tsquery
          and (b.position <-> s.centre) * s.scale <= v_radius_m
          and b.creator_id <> all (search_texts.hidden) and b.expires_at > now()
          and (search_texts.starts is null or search_texts.starts @> b.starts_at)
        limit c_read
      ) e
      limit c_read
    ) m
    order by m.distance, m.id
    limit c_ranked
  ) n;

  -- spelt alike
  if coalesce(pg_catalog.cardinality(v_ids), 0) < c_few then
    foreach v_circle in array v_circles loop
      with texts as not materialized (
        select 'task' as kind, t.task_id as id, t.creator_id, t.category, t.position, t.square, t.neighbourhood_id,
          t.expires_at, t.starts_at, t.title, t.terms
        from private.task_texts t
        union all
        select 'place', p.place_id, null, p.category, p.position, p.square, p.neighbourhood_id, 'infinity', null,
          p.title, p.terms
        from private.place_texts p)
      select v_more_ids || pg_catalog.array_agg(s.id), v_more_distances || pg_catalog.array_agg(s.distance),
        v_more_ranks || pg_catalog.array_agg(c_share * (0.7 * s.similarity + 0.3 * (1 - s.distance / v_radius_m)))
      into v_more_ids, v_more_distances, v_more_ranks
      from (
        select e.id, (e.position <-> v_circle.centre) * v_circle.scale as distance,
          private.similarity_of(v_search.words, v_search.word_queries, e.title, e.terms, c_alike) as similarity
        from texts e
        where e.kind = search_texts.kind
          and e.id = any (private.nearest_texts(search_texts.kind, v_circle, c_compared))
          and (e.position <-> v_circle.centre) <= v_circle.radius
          and e.creator_id <> all (search_texts.hidden) and e.expires_at > now()
          and (search_texts.starts is null or search_texts.starts @> e.starts_at)
          and (search_texts.categories is null or e.category = any (search_texts.categories))
          and (search_texts.neighbourhood_id is null or e.neighbourhood_id = search_texts.neighbourhood_id)
          and (v_ids is null or e.id <> all (v_ids))
          -- the first word alone rules most of them out, and costs less here than in the function
          and (e.terms @@ v_search.word_queries[1]
            or extensions.word_similarity(v_search.words[1], e.title) >= c_alike)
        offset 0
      ) s
      where s.similarity is not null;
    end loop;
    v_ids       := v_ids || v_more_ids;
    v_distances := v_distances || v_more_distances;
    v_ranks     := v_ranks || v_more_ranks;
  end if;

  return query
    select h.id, h.distance, h.rank, v_search.words, case when h.rank < c_as_written then c_alike end,
      private.encode_cursor(v_list, h.rank, h.id)
    from unnest(v_ids, v_distances, v_ranks) h (id, distance, rank)
    where h.rank < v_after_rank or (h.rank = v_after_rank and h.id > v_after_id)
    order by h.rank desc, h.id
    limit v_limit;
end $$;
comment on function private.search_texts(text, text, double precision, double precision, integer, text[], integer, text,
  uuid, uuid[], tstzrange) is
  'Tasks or places (kind) that match words, without the tasks of hidden members or that start at another time: a page '
  'of them, best first. words and least_similarity, where it is only spelt alike, are for private.snippet.';

create function private.search_tasks(query text, latitude double precision, longitude double precision,
  radius_m integer, category text, page_size integer, after text, neighbourhood_id uuid, starts_from text,
  starts_until text)
returns setof public.found_task
language plpgsql stable security definer set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
  -- own tasks stay in: who searches looks something up, not only for work (docs/decisions)
  perform private.require_member();
  return query
    select f.rank, private.snippet(t.title, t.description, f.words, f.least_similarity),
      (round(f.distance_m / 100) * 100)::integer, f.cursor, t.*
    from private.search_texts('task', search_tasks.query, search_tasks.latitude, search_tasks.longitude,
      search_tasks.radius_m, private.category_subtree(search_tasks.category), search_tasks.page_size,
      search_tasks.after, search_tasks.neighbourhood_id, private.hidden_user_ids(),
      private.read_period(search_tasks.starts_from, search_tasks.starts_until)) f
    -- left, because the input is to be checked also where there is nothing to join
    left join public.tasks t on t.id = f.id
    order by f.rank desc, f.id;
end $$;
grant execute on function private.search_tasks(text, double precision, double precision, integer, text, integer, text,
  uuid, text, text) to authenticated;

create function public.search_tasks(query text, latitude double precision, longitude double precision,
  radius_m integer default null,
  category text default null, page_size integer default null, after text default null,
  neighbourhood_id uuid default null, starts_from text default null, starts_until text default null)
returns setof public.found_task
language plpgsql stable set search_path = ''
as $$
begin
  return query select * from private.search_tasks(query, latitude, longitude, radius_m, category, page_size, after,
    neighbourhood_id, starts_from, starts_until);
end $$;
comment on function public.search_tasks(text, double precision, double precision, integer, text, integer, text, uuid,
  text, text) is
  'Open tasks around a point that match words in German or English, best first; own tasks too, not those of '
  'blocked or banned members. Words are found by their beginning and their stem, with or without accents and '
  'umlauts; where fewer than ten match, similarly spelt titles follow (rank below 0.5). Every word must match; '
  'stop words and what is after the eighth word do not count; any query is allowed, one without words finds '
  'nothing. rank is 0.7 how well the words fit and 0.3 nearness; snippet is plain text with hits in «», escape it '
  'like any text of a member. radius_m and page_size are clamped; category includes its '
  'descendants; starts_from and starts_until are as in nearby_tasks; distance_m is measured to the 300 m cell and '
  'rounded to 100 m; for the next page pass the cursor of the last row as after. Errors: coordinates_invalid, '
  'category_not_found, cursor_invalid, validation_failed (detail names the field), not_signed_in, user_inactive.';
grant execute on function public.search_tasks(text, double precision, double precision, integer, text, integer, text,
  uuid, text, text) to authenticated;

create function private.search_places(query text, latitude double precision, longitude double precision,
  radius_m integer, category text, page_size integer, after text, neighbourhood_id uuid)
returns setof private.found_place
language plpgsql stable security definer set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
    select p.id, p.partner_id, p.name, p.category, p.types, p.description, p.rating_average, p.rating_count, p.address,
      p.latitude, p.longitude, p.opening_hours, p.source, p.created_at, p.updated_at, round(f.distance_m)::integer,
      f.rank, private.snippet(p.name, pg_catalog.concat_ws(' · ', p.description, p.address), f.words,
        f.least_similarity), f.cursor
    from private.search_texts('place', search_places.query, search_places.latitude, search_places.longitude,
      search_places.radius_m,
      case when search_places.category is not null then
        array[pg_catalog.left(pg_catalog.regexp_replace(search_places.category, '[^a-z0-9_-]', '', 'g'), 100)] end,
      search_places.page_size, search_places.after, search_places.neighbourhood_id, '{}', null) f
    left join public.places p on p.id = f.id
    order by f.rank desc, f.id;
end $$;
grant execute on function private.search_places(text, double precision, double precision, integer, text, integer,
  text, uuid) to anon, authenticated;

create function public.search_places(query text, latitude double precision, longitude double precision,
  radius_m integer default null,
  category text default null, page_size integer default null, after text default null,
  neighbourhood_id uuid default null)
returns table (id uuid, partner_id uuid, name text, category public.place_category, types text[], description text,
  rating_average numeric, rating_count integer, address text,
  latitude double precision, longitude double precision, opening_hours public.opening_hours,
    source public.place_source, created_at timestamptz,
    updated_at timestamptz,
  distance_m integer, rank double precision, snippet text, cursor text)
language sql stable set search_path = ''
as $$
  select * from private.search_places(search_places.query, search_places.latitude, search_places.longitude,
    search_places.radius_m, search_places.category, search_places.page_size, search_places.after,
    search_places.neighbourhood_id)
$$;
comment on function public.search_places(text, double precision, double precision, integer, text, integer,
  text, uuid) is
  'Places around a point that match words, best first, as search_tasks does; words are looked for in name, '
  'category, types, description and address. Also without signing in. category is one of places, an unknown one '
  'finds nothing; distance_m is exact. May be null: as in places. Errors: coordinates_invalid, cursor_invalid.';
grant execute on function public.search_places(text, double precision, double precision, integer, text, integer, text,
  uuid) to anon, authenticated;
