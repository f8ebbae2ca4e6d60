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
