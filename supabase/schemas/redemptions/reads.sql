create function public.list_partner_redemptions(api_key_hash text, status text default null,
  reward_id uuid default null, since timestamptz default null, until timestamptz default null,
  page_size integer default null, after uuid default null)
returns jsonb
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_key  private.partner_api_keys := private.require_partner(api_key_hash, 'redemptions:read');
  v_size integer := private.clamp_page_size(page_size);
begin
  if v_key.is_sandbox then  -- apart, because one statement for both would sort all that the partner has
    return private.as_page((
      select pg_catalog.jsonb_agg(private.partner_redemption_json(r.*::public.redemptions) order by r.id desc)
      from (select t.* from private.test_redemptions(v_key.partner_id) t
            where t.id < coalesce(list_partner_redemptions.after, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
              and t.status = coalesce(list_partner_redemptions.status, t.status)
              and t.reward_id = coalesce(list_partner_redemptions.reward_id, t.reward_id)
              and (since is null or t.redeemed_at >= since) and (until is null or t.redeemed_at < until)
            order by t.id desc limit v_size) r), v_size, 'id');
  end if;
  return private.as_page((
    select pg_catalog.jsonb_agg(private.partner_redemption_json(r.*::public.redemptions) order by r.id desc)
    from (select w.* from public.redemptions w
          where w.partner_id = v_key.partner_id
            and w.id < coalesce(list_partner_redemptions.after, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            and (list_partner_redemptions.status is null or w.status = list_partner_redemptions.status)
            and (list_partner_redemptions.reward_id is null or w.reward_id = list_partner_redemptions.reward_id)
            and (since is null or w.redeemed_at >= since) and (until is null or w.redeemed_at < until)
          order by w.id desc limit v_size) r), v_size, 'id');
end $$;
comment on function public.list_partner_redemptions(text, text, uuid, timestamptz, timestamptz, integer, uuid) is
  'The partner''s redemptions, or with a sandbox key its test codes, newest first: {items, next}; since and until '
  'bound redeemed_at. Scope: redemptions:read. Errors: api_key_invalid, scope_missing, partner_inactive.';
grant execute on function public.list_partner_redemptions(text, text, uuid, timestamptz, timestamptz, integer, uuid)
  to service_role;

create function public.read_settlement(api_key_hash text, month date)
returns jsonb
language plpgsql volatile security definer set search_path = '' set timezone = 'UTC'
as $$
declare
  v_key   private.partner_api_keys := private.require_partner(api_key_hash, 'settlements:read');
  v_month timestamp := pg_catalog.date_trunc('month', month::timestamp);
  v_start timestamptz := private.day_begins_at(v_month::date);
  v_end   timestamptz := private.day_begins_at((v_month + interval '1 month')::date);
begin
  if month is null or v_start > now() then
    raise exception using errcode = 'PT400', message = 'month_invalid', detail = 'month',
      hint = 'This month has not begun.';
  end if;
  return (
    with used as (
      select r.*
      from (select l.* from public.redemptions l where l.partner_id = v_key.partner_id and not v_key.is_sandbox
            union all
            select t.* from private.test_redemptions(v_key.partner_id) t where v_key.is_sandbox) r
      where r.used_at >= v_start and r.used_at < v_end
    )
    select pg_catalog.jsonb_build_object(
      'month', pg_catalog.to_char(v_month, 'YYYY-MM'), 'starts_at', v_start, 'ends_at', v_end,
      'is_test', v_key.is_sandbox,
      'is_final', v_end + interval '1 hour' <= now(),  -- a till may have begun before midnight
      'partner', (select pg_catalog.jsonb_build_object('id', p.id, 'name', p.name)
        from public.partners p where p.id = v_key.partner_id),
      'lines', coalesce((
        select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('redemption_id', u.id, 'reward_id', u.reward_id,
          'title_de', u.title_de, 'title_en', u.title_en, 'points_spent', u.points_spent,
          'discount_type', u.discount_type, 'discount_value', u.discount_value,
          'discount_currency', u.discount_currency,
          'used_at', u.used_at, 'till_reference', u.till_reference) order by u.used_at, u.id) from used u), '[]'),
      'totals', pg_catalog.jsonb_build_object(
        'redemptions', (select count(*) from used),
        'points_spent', (select coalesce(sum(u.points_spent), 0) from used u),
        'fixed_amounts', coalesce((
          select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('currency', f.currency, 'amount', f.amount)
            order by f.currency)
          from (select u.discount_currency as currency, sum(u.discount_value) as amount from used u
                where u.discount_type = 'fixed_amount' group by u.discount_currency) f), '[]'))));
end $$;
comment on function public.read_settlement(text, date) is
  'What was used in the month of a date, by the community''s clock: {month, starts_at, ends_at, is_test, is_final, '
  'partner, lines, totals}; the same for ever from one hour after the end of the month. A sandbox key reads of its '
  'test codes. Scope: settlements:read. Errors: api_key_invalid, scope_missing, partner_inactive, month_invalid.';
grant execute on function public.read_settlement(text, date) to service_role;
