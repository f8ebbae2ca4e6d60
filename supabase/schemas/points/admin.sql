create function ops.adjust_points(user_id uuid, amount integer, reason text, idempotency_key uuid default null)
returns public.point_transactions
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_transaction public.point_transactions;
  v_reason      text := private.clean_text(adjust_points.reason, 'reason', 1, private.max_message_length(), true);
begin
  if coalesce(adjust_points.amount, 0) = 0 or adjust_points.amount not between -1000000 and 1000000 then
    raise exception using errcode = 'PT400', message = 'amount_invalid',
      hint = 'The amount must be between -1000000 and 1000000 and not 0.';
  end if;
  if adjust_points.idempotency_key is not null then
    -- lock: a repetition that comes while the first is under way waits for it
    perform pg_catalog.pg_advisory_xact_lock(
      pg_catalog.hashtextextended('adjustment ' || adjust_points.idempotency_key, 0));
    select t.* into v_transaction
    from private.adjustment_keys k join public.point_transactions t on t.id = k.transaction_id
    where k.key = adjust_points.idempotency_key;
    if found then
      if (v_transaction.user_id, v_transaction.amount, v_transaction.description)
        is distinct from (adjust_points.user_id, adjust_points.amount, v_reason) then
        raise exception using errcode = 'PT409', message = 'idempotency_key_reused',
          hint = 'Choose a new key for another adjustment.';
      end if;
      return v_transaction;
    end if;
  end if;
  insert into public.point_transactions (user_id, amount, type, balance_after, description)
  values (adjust_points.user_id, adjust_points.amount, 'admin_adjustment', 0, v_reason)
  returning * into v_transaction;
  if adjust_points.idempotency_key is not null then
    insert into private.adjustment_keys (key, transaction_id)
    values (adjust_points.idempotency_key, v_transaction.id);
  end if;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'points_adjusted', adjust_points.user_id,
          pg_catalog.jsonb_build_object('transaction_id', v_transaction.id, 'amount', v_transaction.amount,
            'reason', v_reason));
  return v_transaction;
end $$;
comment on function ops.adjust_points(uuid, integer, text, uuid) is
  'Books a correction on a member''s account, with a reason the member can read, and returns the ledger row. The same '
  'idempotency_key books once. Errors: user_not_found, amount_invalid, text_blank, text_too_long, insufficient_points, '
  'idempotency_key_reused.';
grant execute on function ops.adjust_points(uuid, integer, text, uuid) to service_role;
