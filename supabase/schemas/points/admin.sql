create function ops.adjust_points(user_id uuid, amount integer, reason text)
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
  insert into public.point_transactions (user_id, amount, type, balance_after, description)
  values (adjust_points.user_id, adjust_points.amount, 'admin_adjustment', 0, v_reason)
  returning * into v_transaction;
  insert into private.audit_log (actor_id, action, subject_id, details)
  values (auth.uid(), 'points_adjusted', adjust_points.user_id,
          pg_catalog.jsonb_build_object('transaction_id', v_transaction.id, 'amount', v_transaction.amount,
            'reason', v_reason));
  return v_transaction;
end $$;
comment on function ops.adjust_points(uuid, integer, text) is
  'Books a correction on a member''s account, with a reason the member can read, and returns the ledger row. Errors: '
  'user_not_found, amount_invalid, text_blank, text_too_long, insufficient_points.';
grant execute on function ops.adjust_points(uuid, integer, text) to service_role;
