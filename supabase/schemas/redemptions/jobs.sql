create function private.expire_redemptions(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
begin
  processed := 0; failed := 0;
  for v_redemption in
    select r.* from public.redemptions r where r.status = 'active' and r.expires_at <= as_of
    order by r.expires_at limit batch for no key update skip locked
  loop
    begin
      perform private.end_redemption(v_redemption, 'expired', null, v_redemption.expiry_refund_points);
      processed := processed + 1;
    exception when others then  -- one bad row must not hold up the others; it is reported and tried again next time
      failed := failed + 1;
      raise warning 'redemption % could not expire: % %', v_redemption.id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.expire_redemptions(timestamptz, integer) is
  'Job: expires codes past their term with the refund their reward promises.';

create function private.refund_unanswered(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_redemption public.redemptions;
  v_freed      uuid[] := array[]::uuid[];
begin
  processed := 0; failed := 0;
  for v_redemption in
    -- nobody starts asking after the deadline, and by now every lease has ended
    select r.* from private.partner_requests q join public.redemptions r on r.id = q.redemption_id
    where q.deadline_at <= as_of - private.lease_length() and r.status = 'pending'
    order by q.deadline_at limit batch for no key update of r skip locked
  loop
    begin
      perform private.end_redemption(v_redemption, 'failed', 'partner_silent', v_redemption.points_spent, true);
      v_freed := v_freed || v_redemption.reward_id;
      processed := processed + 1;
    exception when others then  -- as above
      failed := failed + 1;
      raise warning 'redemption % could not be refunded: % %', v_redemption.id, sqlstate, sqlerrm;
    end;
  end loop;
  -- after all accounts, as everywhere: whoever redeems holds an account and waits for the stock
  perform private.give_stock_back(f.reward_id, f.count)
  from (select w as reward_id, count(*)::integer as count from pg_catalog.unnest(v_freed) w group by w order by w) f;
end $$;
comment on function private.refund_unanswered(timestamptz, integer) is
  'Job: refunds redemptions whose partner stayed silent.';

create function private.end_test_codes(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  failed := 0;
  perform private.end_test_code(private.lock_test_code(d.partner_id, id => d.id), 'expired')
  from (select t.id, w.partner_id from private.test_codes t join public.rewards w on w.id = t.reward_id
        where t.status = 'active' and t.expires_at <= as_of
        order by t.expires_at limit batch for no key update of t skip locked) d;
  get diagnostics processed = row_count;
  delete from private.test_codes c where c.id = any (array(
    select t.id from private.test_codes t where t.expires_at < as_of - interval '7 days'
    order by t.expires_at limit batch for update skip locked));
end $$;
comment on function private.end_test_codes(timestamptz, integer) is
  'Job: ends test codes past their term, and forgets them a week later.';

create function private.has_work_for_sweep_redemptions()
returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from private.partner_requests q where q.next_attempt_at <= now() and q.deadline_at > now())
$$;
comment on function private.has_work_for_sweep_redemptions() is 'Whether a partner is to be asked again.';

insert into private.jobs (job, room, step, every) values
  ('expire_redemptions', 'redemptions', 30, '1 minute'),
  ('refund_unanswered', 'redemptions', 31, '1 minute'),
  ('end_test_codes', 'redemptions', 32, '1 minute');
-- undo: delete from private.jobs where room = 'redemptions';

insert into private.jobs (job, room, runs_in) values ('sweep_redemptions', 'redemptions', 'function');
-- undo: nothing
