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
