create function private.set_updated_at()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end $$;
comment on function private.set_updated_at() is 'Trigger: stamps updated_at when the statement did not.';

create function private.refuse_change()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception using errcode = 'PT409', message = 'ledger_is_append_only',
    detail = tg_table_schema || '.' || tg_table_name,
    hint = 'Rows of this table are never changed or removed. '
      'Correct points with ops.adjust_points(user_id, amount, reason).';
end $$;
comment on function private.refuse_change() is
  'Trigger: refuses UPDATE, DELETE and TRUNCATE on append-only tables, for every role. Raises PT409 '
  'ledger_is_append_only.';
