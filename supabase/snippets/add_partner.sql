-- Take in a partner: one partner, one branch, one reward, one API key for its till. Replace all values; run it once.
-- The key is in the result, this one time. Opening hours may be null.
with partner as (
  insert into public.partners (name, description, website_url)
  values ('Café Beispiel', 'Coffee and cake.', 'https://cafe.example')
  returning id
), contact as (
  insert into private.partner_contacts (partner_id, contact_email)
  select p.id, 'cafe@example.test' from partner p
), place as (
  insert into public.places (partner_id, name, category, address, latitude, longitude, opening_hours)
  select p.id, 'Café Beispiel', 'cafe', 'Beispielplatz 4, 10119 Berlin', 52.52981, 13.40133, '{"mon": [["09:00", "18:00"]]}' from partner p
)
insert into public.rewards (partner_id, title_de, title_en, points_cost, discount_type, discount_value, discount_currency, limit_per_member, limit_period)
select p.id, '2 € auf ein Frühstück', '2 € off a breakfast', 15, 'fixed_amount', 2, 'EUR', 1, 'week' from partner p;

select p.id as partner_id, p.name, k.*
from public.partners p
cross join lateral ops.create_partner_key(p.id, 'Till', '{redemptions:use,redemptions:read,settlements:read}') k
where p.name = 'Café Beispiel';
