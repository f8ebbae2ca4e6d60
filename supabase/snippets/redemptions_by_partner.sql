-- What members redeemed and used at each partner in the last 30 days, and what still waits for a partner's answer.
select p.name as partner,
  count(*) as redeemed, count(*) filter (where r.status = 'used') as used, count(*) filter (where r.status = 'pending') as pending,
  count(*) filter (where r.status = 'failed') as failed, sum(r.points_spent) filter (where r.status <> 'failed') as points
from public.redemptions r
join public.partners p on p.id = r.partner_id
where r.redeemed_at > now() - interval '30 days'
group by p.id, p.name
order by redeemed desc;
