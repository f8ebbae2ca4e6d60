create function private.reveal_ratings(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_rating public.ratings;
begin
  processed := 0; failed := 0;
  for v_rating in
    select r.* from public.ratings r
    where r.revealed_at is null and r.created_at <= as_of - interval '7 days'
    order by r.created_at limit batch
    for no key update skip locked
  loop
    begin
      -- skip locked: a run holds many rows and must wait for none; what is busy now comes with the next run
      perform from private.rating_totals t where t.user_id = v_rating.ratee_id for no key update skip locked;
      continue when not found;
      perform from public.users u where u.id = v_rating.ratee_id for no key update skip locked;
      continue when not found;
      update public.ratings r set revealed_at = now() where r.id = v_rating.id;
      processed := processed + 1;
    exception when others then  -- one bad row must not hold up the others; it is reported and tried again next time
      failed := failed + 1;
      raise warning 'rating % could not be revealed: % %', v_rating.id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.reveal_ratings(timestamptz, integer) is
  'Job: reveals ratings that have waited 7 days for the other side.';

insert into private.jobs (job, room, step, every) values
  ('reveal_ratings', 'ratings', 10, '1 minute');
-- undo: delete from private.jobs where room = 'ratings';
