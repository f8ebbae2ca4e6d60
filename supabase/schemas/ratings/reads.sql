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
