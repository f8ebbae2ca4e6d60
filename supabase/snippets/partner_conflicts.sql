-- Where a partner's own system and the books tell different stories: used there after the points went back here, a second
-- code for one redemption, a code given out twice. Nothing was booked; talk to the partner.
select 'event' as source, p.name as partner, e.type as what, e.redemption_id, e.received_at as at
from private.partner_events e
join public.partners p on p.id = e.partner_id
where e.outcome = 'conflict'
union all
select 'code', r.partner_name, a.details ->> 'outcome', a.subject_id, a.created_at
from private.audit_log a
join public.redemptions r on r.id = a.subject_id
where a.action = 'partner_code_refused'
order by at desc
limit 100;
