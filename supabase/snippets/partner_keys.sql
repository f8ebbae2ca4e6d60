-- API keys of partners: which are in use, which end soon, which are guessing codes. The keys themselves are not kept.
-- Rotate: select * from ops.rotate_partner_key('<id>', interval '2 days');   revoke: select ops.revoke_partner_key('<id>');
select p.name as partner, k.id, k.name, k.scopes, k.created_at, k.last_used_at, k.expires_at, k.revoked_at,
  case when k.wrong_codes_since > now() - make_interval(mins => s.wrong_code_minutes) then k.wrong_codes else 0 end as wrong_codes_now
from private.partner_api_keys k
join public.partners p on p.id = k.partner_id
cross join private.settings s
order by p.name, k.created_at;
