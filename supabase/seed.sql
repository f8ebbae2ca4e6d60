-- A demo neighbourhood with invented people. Runs once per database, after the migrations:
--   npm start · supabase start · supabase db push --include-seed
-- Never run it against a project that real people use: the password is public.

-- Neighbourhoods. Invented areas over a piece of the map, so that homes and tasks below lie in one.
insert into public.neighbourhoods (id, slug, name, area)
select area.id, area.slug, area.name, extensions.st_multi(extensions.st_geomfromtext('POLYGON((' || area.outline || '))', 4326))
from (
  values
    ('b0000000-0000-4000-8000-000000000001'::uuid, 'lindenviertel', 'Lindenviertel', '13.3740 52.5250, 13.3965 52.5238, 13.3958 52.5368, 13.3860 52.5392, 13.3752 52.5365, 13.3740 52.5250'),
    ('b0000000-0000-4000-8000-000000000002', 'marktviertel', 'Marktviertel', '13.3965 52.5238, 13.4108 52.5246, 13.4112 52.5361, 13.3958 52.5368, 13.3965 52.5238'),
    ('b0000000-0000-4000-8000-000000000003', 'probekiez', 'Probekiez', '13.4112 52.5300, 13.4295 52.5308, 13.4281 52.5425, 13.4120 52.5418, 13.4112 52.5300'),
    ('b0000000-0000-4000-8000-000000000004', 'exempelufer', 'Exempelufer', '13.3550 52.5372, 13.3752 52.5365, 13.3766 52.5470, 13.3561 52.5481, 13.3550 52.5372')
) as area (id, slug, name, outline)
on conflict do nothing;

-- People. Real auth users, so that they can sign in: <name>@example.test with the password "neighbour-demo".
-- The sign-up trigger creates their member rows. The hash is bcrypt, which every Auth server understands; the empty
-- tokens are needed because the hosted Auth server cannot read nulls there.
insert into auth.users (
  id, aud, role, email, encrypted_password, email_confirmed_at, confirmation_token, recovery_token, email_change, email_change_token_new, email_change_token_current,
  raw_app_meta_data, raw_user_meta_data, created_at, updated_at
)
select
  person.id, 'authenticated', 'authenticated', person.email,
  '$2a$10$FdYrznrBzrugpcBfS6J1xOO.BUweH8TLWaazPblQOmwus/58pkUOq', now(),
  '', '', '', '', '',
  '{"provider": "email", "providers": ["email"], "demo": true}', jsonb_build_object('name', person.name), now(), now()
from (
  values
    ('00000000-0000-4000-8000-0000000000a1'::uuid, 'anna@example.test', 'Anna Beispiel'),
    ('00000000-0000-4000-8000-0000000000b2'::uuid, 'ben@example.test', 'Ben Beispiel'),
    ('00000000-0000-4000-8000-0000000000c3'::uuid, 'carla@example.test', 'Carla Beispiel'),
    ('00000000-0000-4000-8000-0000000000d4'::uuid, 'dilan@example.test', 'Dilan Beispiel'),
    ('00000000-0000-4000-8000-0000000000e5'::uuid, 'emil@example.test', 'Emil Beispiel'),
    ('00000000-0000-4000-8000-0000000000f6'::uuid, 'fatma@example.test', 'Fatma Beispiel')
) as person (id, email, name)
on conflict do nothing;

insert into auth.identities (id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at)
select
  auth_user.id, 'email', auth_user.id::text, auth_user.id,
  jsonb_build_object('sub', auth_user.id, 'email', auth_user.email, 'email_verified', true), now(), now(), now()
from auth.users as auth_user
where auth_user.raw_app_meta_data ->> 'demo' = 'true'
on conflict do nothing;

-- The hosted Auth server looks people up by instance; the local one has no such column.
do $$
begin
  if exists (select from information_schema.columns
             where table_schema = 'auth' and table_name = 'users' and column_name = 'instance_id') then
    execute $sql$ update auth.users set instance_id = '00000000-0000-0000-0000-000000000000' where raw_app_meta_data ->> 'demo' = 'true' and instance_id is null $sql$;
  end if;
end $$;

-- Demo neighbourhood. Anna, Ben and Carla help each other. Everything is done by the product's own commands, so the books are right.
-- Runs once: when the first task is there, nothing is touched.
do $$
declare
  v_anna  uuid := (select u.id from auth.users u where u.email = 'anna@example.test');
  v_ben   uuid := (select u.id from auth.users u where u.email = 'ben@example.test');
  v_carla uuid := (select u.id from auth.users u where u.email = 'carla@example.test');
  v_step  record;
begin
  if exists (select from public.tasks where id = 'd0000000-0000-4000-8000-000000000001') then return; end if;

  insert into public.categories (slug, parent_slug, name_de, name_en, position) values
    ('handwerk-moebel',      'handwerk',  'Möbel aufbauen',       'Furniture assembly',   1),
    ('handwerk-malern',      'handwerk',  'Malern',               'Painting',             2),
    ('handwerk-fahrrad',     'handwerk',  'Fahrrad reparieren',   'Bicycle repair',       3),
    ('garten-rasen',         'garten',    'Rasen und Hecke',      'Lawn and hedge',       1),
    ('garten-giessen',       'garten',    'Pflanzen gießen',      'Watering plants',      2),
    ('technik-computer',     'technik',   'Computer und Telefon', 'Computers and phones', 1),
    ('technik-haushalt',     'technik',   'Haushaltsgeräte',      'Household appliances', 2),
    ('transport-umzug',      'transport', 'Umzug und Tragen',     'Moving and carrying',  1),
    ('transport-einkauf',    'transport', 'Einkaufen',            'Shopping',             2),
    ('sonstiges-haustiere',  'sonstiges', 'Haustiere',            'Pets',                 1),
    ('sonstiges-begleitung', 'sonstiges', 'Begleitung',           'Keeping company',      2)
  on conflict (slug) do nothing;

  -- who they are; the phone numbers are from the range reserved for fiction
  for v_step in select * from (values
      (v_anna,  'Retired teacher. Good with plants, hopeless with screws.', '+49 30 23125 001', 'Musterweg 1, 10115 Berlin',  52.53201, 13.38422),
      (v_ben,   'Bicycle tinkerer, usually free on weekends.',              '+49 30 23125 002', 'Musterweg 12, 10115 Berlin', 52.53317, 13.38704),
      (v_carla, 'Works from home and likes a walk at noon.',                '+49 30 23125 003', 'Beispielplatz 3, 10119 Berlin', 52.52988, 13.40151)
    ) as people (member_id, bio, phone_number, address, latitude, longitude)
  loop
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.member_id, 'role', 'authenticated')::text, true);
    perform public.update_profile(bio => v_step.bio);
    perform public.update_contact(v_step.phone_number, v_step.address, v_step.latitude, v_step.longitude);
  end loop;

  -- what they ask for
  for v_step in select * from (values
      ( 1, v_anna,  'Carry old newspapers down', 'Four heavy bundles from the second floor to the bin in the yard.', 'transport-umzug', 52.53201, 13.38422, 40, 'Musterweg 1, 10115 Berlin', null),
      ( 2, v_ben,   'Pick up a parcel', 'The post office closes before I am back from work. It is a light box.', 'transport-einkauf', 52.53317, 13.38704, 25, 'Musterweg 12, 10115 Berlin', null),
      ( 3, v_carla, 'Water the balcony for a week', 'Eleven pots, once a day, the can stands next to the door.', 'garten-giessen', 52.52988, 13.40151, 30, 'Beispielplatz 3, 10119 Berlin', null),
      ( 4, v_anna,  'Mow the small lawn', 'About 60 square metres behind the house. The mower is in the shed.', 'garten-rasen', 52.53201, 13.38422, 60, 'Musterweg 1, 10115 Berlin', null),
      ( 5, v_ben,   'Connect a washing machine', 'It is in place, only water and power are missing. I do not dare to.', 'technik-haushalt', 52.53317, 13.38704, 80, 'Musterweg 12, 10115 Berlin', null),
      ( 6, v_carla, 'Fix a flat tyre', 'The rear wheel of a city bike. Tube and tools are here.', 'handwerk-fahrrad', 52.52988, 13.40151, 35, 'Beispielplatz 3, 10119 Berlin', null),
      ( 7, v_carla, 'Move a piano', 'From the first floor to the ground floor.', 'transport-umzug', 52.52988, 13.40151, 200, 'Beispielplatz 3, 10119 Berlin', null),
      ( 8, v_carla, 'Set up a new phone', 'Move contacts and pictures from the old phone to the new one.', 'technik-computer', 52.53544, 13.42209, 45, 'Probeallee 7, 10405 Berlin', null),
      ( 9, v_ben,   'Feed the cat on Saturday', 'Minka gets one tin in the morning and one in the evening.', 'sonstiges-haustiere', 52.53317, 13.38704, 20, 'Musterweg 12, 10115 Berlin', interval '30 days'),
      (10, v_ben,   'Walk to the doctor with my aunt', 'She is 84 and likes to talk. Ten minutes each way.', 'sonstiges-begleitung', 52.51733, 13.39287, 50, null, interval '14 days'),
      (11, v_anna,  'Paint a fence', 'Eight metres, one coat. Paint and brushes are here, coffee too.', 'handwerk-malern', 52.54102, 13.36518, 120, 'Gartenkolonie Beispiel 4, 13353 Berlin', null),
      (12, v_anna,  'Put up a bookshelf', 'Two metres high, the wall is brick. Please bring a drill.', 'handwerk-moebel', 52.53201, 13.38422, 90, 'Musterweg 1, 10115 Berlin', null)
    ) as asked (number, creator_id, title, description, category, latitude, longitude, points_reward, address, lasts)
  loop
    -- the id is the column's default, so a default of our own gives each task a known id
    execute format('alter table public.tasks alter column id set default %L', 'd0000000-0000-4000-8000-' || lpad(v_step.number::text, 12, '0'));
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.creator_id, 'role', 'authenticated')::text, true);
    perform public.create_task(v_step.title, v_step.description, v_step.category, v_step.latitude, v_step.longitude, v_step.points_reward,
      address => v_step.address, expires_at => to_json(now() + v_step.lasts) #>> '{}', is_flexible => v_step.number = 10,
      -- the cat on Saturday of next week, the doctor on a day before or whenever else it suits
      starts_at => to_json(date_trunc('week', now()) + case v_step.number when 9 then interval '12 days 8 hours' when 10 then interval '9 days 9 hours' end) #>> '{}');
  end loop;
  alter table public.tasks alter column id set default gen_random_uuid();

  -- who offers, what they write, and what becomes of it: each line is one command by one member
  for v_step in select 'd0000000-0000-4000-8000-' || lpad(told.number::text, 12, '0') as task_id, told.* from (values
      ( 1, v_ben,   'offer_help',        null,    'I can come this evening.'),
      ( 1, v_anna,  'accept_offer',      v_ben,   null),
      ( 1, v_ben,   'start_task',        null,    null),  ( 1, v_ben,   'finish_task',       null,    'All in the blue bin.'),
      ( 1, v_anna,  'confirm_task',      null,    null),
      ( 2, v_carla, 'offer_help',        null,    'I walk past it at noon anyway.'),
      ( 2, v_ben,   'accept_offer',      v_carla, null),
      ( 2, v_carla, 'finish_task',       null,    null),  ( 2, v_ben,   'confirm_task',      null,    null),
      ( 3, v_anna,  'offer_help',        null,    'Gladly!'),
      ( 3, v_carla, 'accept_offer',      v_anna,  null),
      ( 3, v_anna,  'start_task',        null,    null),  ( 3, v_anna,  'finish_task',       null,    null),
      ( 3, v_carla, 'reject_completion', null,    'The pots on the window sill are still dry.'),
      ( 3, v_anna,  'finish_task',       null,    'Those, too, now.'),
      ( 3, v_carla, 'confirm_task',      null,    null),
      ( 4, v_ben,   'offer_help',        null,    'Saturday morning?'),
      ( 4, v_anna,  'accept_offer',      v_ben,   null),
      ( 4, v_ben,   'start_task',        null,    null),  ( 4, v_ben,   'finish_task',       null,    'Done, the clippings are on the compost.'),
      ( 5, v_carla, 'offer_help',        null,    'I have done this before.'),
      ( 5, v_ben,   'accept_offer',      v_carla, null),
      ( 5, v_carla, 'request_phone_number', null, null),  ( 5, v_ben,   'share_phone_number',   null, null),
      ( 5, v_carla, 'reveal_task_contact',  null, null),  ( 5, v_carla, 'start_task',        null,    null),
      ( 6, v_ben,   'offer_help',        null,    'Half an hour, no problem.'),
      ( 6, v_anna,  'offer_help',        null,    'I could try.'),
      ( 6, v_carla, 'accept_offer',      v_anna,  null),
      ( 6, v_carla, 'send_message',      v_anna,  'Great! Shall we say Thursday at six, in the yard?'),
      ( 6, v_anna,  'send_message',      v_anna,  'Thursday at six. I have a pump that fits.'),
      ( 6, v_anna,  'request_phone_number', null, null),
      ( 7, v_carla, 'cancel_task',       null,    'The piano stays where it is.'),
      ( 8, v_anna,  'offer_help',        null,    'I did this for my sister last week.'),
      (11, v_carla, 'offer_help',        null,    'Next week works for me.'),
      (11, v_anna,  'update_task',       null,    'Paint a fence, two coats'),
      (12, v_carla, 'offer_help',        null,    'I own a drill.'),
      (12, v_ben,   'offer_help',        null,    'I am in the house anyway.'),
      (12, v_ben,   'send_message',      v_ben,   'Is the wall brick or plaster? Then I bring the right dowels.')
    ) as told (number, member_id, command, helper_id, words)
  loop
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.member_id, 'role', 'authenticated')::text, true);
    case
      when v_step.command = 'accept_offer' then
        perform public.accept_offer(o.id) from public.task_offers o where (o.task_id, o.helper_id) = (v_step.task_id::uuid, v_step.helper_id);
      when v_step.command = 'send_message' then
        perform public.send_message(o.id, v_step.words, gen_random_uuid()) from public.task_offers o
        where (o.task_id, o.helper_id) = (v_step.task_id::uuid, v_step.helper_id);
      when v_step.command in ('offer_help', 'update_task', 'finish_task', 'reject_completion', 'cancel_task') then
        execute format('select public.%I(%L, %L)', v_step.command, v_step.task_id, v_step.words);
      else execute format('select public.%I(%L)', v_step.command, v_step.task_id);
    end case;
  end loop;

  -- what they say about each other afterwards; about the third task only one side has spoken, so nobody else can read it yet
  for v_step in select 'd0000000-0000-4000-8000-' || lpad(said.number::text, 12, '0') as task_id, said.* from (values
      (1, v_anna,  5, 'Quick, friendly, and the cellar is tidy again.'),
      (1, v_ben,   5, 'Everything was ready by the door.'),
      (2, v_ben,   4, 'Parcel safe and sound.'),
      (2, v_carla, 5, 'Nice chat on the stairs.'),
      (3, v_carla, 4, 'The plants look happy.')
    ) as said (number, member_id, score, words)
  loop
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.member_id, 'role', 'authenticated')::text, true);
    perform public.rate_task(v_step.task_id::uuid, v_step.score, v_step.words);
  end loop;

  -- and a word of thanks by the admins
  perform set_config('request.jwt.claims', '', true);
  perform ops.adjust_points(v_carla, 15, 'Thank you for organising the street party.');
end $$;
-- Demo partners. Three invented partners, one for each way a code can come: generated here, from an uploaded pool, from the partner's
-- own system. The local stack fills the pool and answers as the third partner; elsewhere a partner does that through
-- the partner API (docs/partner-integration.md).
insert into public.partners (id, name, description, website_url) values
  ('e0000000-0000-4000-8000-000000000001', 'Bäckerei Beispiel', 'Bread from a stone oven, open from six.', 'https://baeckerei.example'),
  ('e0000000-0000-4000-8000-000000000002', 'Buchhandlung Muster', 'Books new and old, and a reading corner.', 'https://buchhandlung.example'),
  ('e0000000-0000-4000-8000-000000000003', 'Hallenbad Exempel', 'Two pools and a sauna.', 'https://hallenbad.example')
on conflict (id) do nothing;

insert into public.places (id, partner_id, name, category, address, latitude, longitude, opening_hours) values
  ('e1000000-0000-4000-8000-000000000001', 'e0000000-0000-4000-8000-000000000001', 'Bäckerei Beispiel', 'shop', 'Musterweg 5, 10115 Berlin', 52.53260, 13.38540, '{"mon": [["06:00", "18:00"]], "tue": [["06:00", "18:00"]], "wed": [["06:00", "18:00"]], "thu": [["06:00", "18:00"]], "fri": [["06:00", "18:00"]], "sat": [["07:00", "13:00"]]}'),
  ('e1000000-0000-4000-8000-000000000002', 'e0000000-0000-4000-8000-000000000001', 'Bäckerei Beispiel am Platz', 'cafe', 'Beispielplatz 1, 10119 Berlin', 52.52970, 13.40120, null),
  ('e1000000-0000-4000-8000-000000000003', 'e0000000-0000-4000-8000-000000000002', 'Buchhandlung Muster', 'shop', 'Probeallee 3, 10405 Berlin', 52.53510, 13.42160, '{"mon": [["10:00", "13:00"], ["14:00", "19:00"]], "fri": [["10:00", "19:00"]], "sat": [["10:00", "16:00"]]}'),
  ('e1000000-0000-4000-8000-000000000004', 'e0000000-0000-4000-8000-000000000003', 'Hallenbad Exempel', 'sport', 'Exempelring 20, 13353 Berlin', 52.54180, 13.36600, null)
on conflict (id) do nothing;

insert into public.rewards (id, partner_id, title_de, title_en, description_de, description_en, points_cost, discount_type, discount_value, discount_currency,
  limit_per_member, limit_period, code_source, code_valid_days, return_days, expiry_refund_percent) values
  ('e2000000-0000-4000-8000-000000000001', 'e0000000-0000-4000-8000-000000000001', 'Ein Brot nach Wahl', 'A loaf of your choice', 'Für ein Brot aus dem Regal.', 'For one loaf from the shelf.', 25, 'free_item', null, null, 5, 'month', 'generated', 30, 7, 50),
  ('e2000000-0000-4000-8000-000000000002', 'e0000000-0000-4000-8000-000000000001', '10 % auf Kuchen', '10 % off cakes', null, null, 10, 'percentage', 10, null, null, null, 'generated', 14, 0, 0),
  ('e2000000-0000-4000-8000-000000000003', 'e0000000-0000-4000-8000-000000000002', '5 € Buchgutschein', '5 € book voucher', 'Gilt auch für gebrauchte Bücher.', 'Also for second-hand books.', 30, 'fixed_amount', 5, 'EUR', null, null, 'pool', 365, 0, 0),
  ('e2000000-0000-4000-8000-000000000004', 'e0000000-0000-4000-8000-000000000003', 'Eintritt für eine Person', 'Admission for one', 'Für zwei Stunden, ohne Sauna.', 'For two hours, without the sauna.', 20, 'free_item', null, null, 2, 'week', 'partner_api', 60, 0, 100)
on conflict (id) do nothing;

insert into public.reward_stocks (reward_id, total) values ('e2000000-0000-4000-8000-000000000002', 100)
on conflict (reward_id) do nothing;

-- A living neighbourhood. Three more neighbours, what they did for each other, and what makes ratings, recommendations, search, leaderboard and
-- notifications visible at once. Like the first block it uses the product's commands and runs once.
do $$
declare
  v_anna  uuid := (select u.id from auth.users u where u.email = 'anna@example.test');
  v_ben   uuid := (select u.id from auth.users u where u.email = 'ben@example.test');
  v_carla uuid := (select u.id from auth.users u where u.email = 'carla@example.test');
  v_dilan uuid := (select u.id from auth.users u where u.email = 'dilan@example.test');
  v_emil  uuid := (select u.id from auth.users u where u.email = 'emil@example.test');
  v_fatma uuid := (select u.id from auth.users u where u.email = 'fatma@example.test');
  v_step  record;
begin
  if exists (select from public.tasks where id = 'd0000000-0000-4000-8000-000000000013') then return; end if;

  for v_step in select * from (values
      (v_dilan, 'Baut gern Möbel auf und hat einen Akkuschrauber.',      '+49 30 23125 004', 'Musterweg 8, 10115 Berlin',     52.53270, 13.38590),
      (v_emil,  'Studiert, hat ein Lastenrad und meistens nachmittags Zeit.', '+49 30 23125 005', 'Beispielplatz 9, 10119 Berlin', 52.53040, 13.39990),
      (v_fatma, 'Gärtnerin im Ruhestand.',                               '+49 30 23125 006', 'Probeallee 12, 10405 Berlin',   52.53490, 13.42110)
    ) as people (member_id, bio, phone_number, address, latitude, longitude)
  loop
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.member_id, 'role', 'authenticated')::text, true);
    perform public.update_profile(bio => v_step.bio);
    perform public.update_contact(v_step.phone_number, v_step.address, v_step.latitude, v_step.longitude);
  end loop;

  -- who wants to be seen on the leaderboard, and who may be suggested to neighbours who need help; Carla wants neither
  for v_step in select * from (values
      (v_anna, 'en', true, false), (v_ben, 'en', true, true), (v_dilan, 'de', true, true), (v_emil, 'de', true, true), (v_fatma, 'de', true, true)
    ) as chosen (member_id, language, is_shown, is_open)
  loop
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.member_id, 'role', 'authenticated')::text, true);
    perform public.update_settings(v_step.language, 'Europe/Berlin', v_step.is_shown, v_step.is_open);
  end loop;

  -- what they like, 0 to 5
  for v_step in select * from (values
      (v_anna,  'garten-giessen', 5), (v_anna,  'cafe', 5),             (v_anna,  'transport-umzug', 0),
      (v_ben,   'handwerk-fahrrad', 5), (v_ben, 'handwerk-malern', 3),  (v_ben,   'sport', 4),
      (v_carla, 'sonstiges-begleitung', 5), (v_carla, 'culture', 4),
      (v_dilan, 'handwerk-malern', 5), (v_dilan, 'handwerk-moebel', 5),
      (v_emil,  'transport-einkauf', 4), (v_emil, 'technik-computer', 5), (v_emil, 'handwerk-malern', 1),
      (v_fatma, 'garten-rasen', 5), (v_fatma, 'garten-giessen', 5)
    ) as liked (member_id, category, rating)
  loop
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.member_id, 'role', 'authenticated')::text, true);
    perform public.set_preference(v_step.category, v_step.rating);
  end loop;

  -- what was done
  for v_step in select * from (values
      (13, v_ben,   v_dilan, 'Assemble a wardrobe',        'Three doors, the instructions are here.',                 'handwerk-moebel',   52.53317, 13.38704, 70),
      (14, v_anna,  v_emil,  'Bring glass to the container', 'Two boxes, one floor down.',                            'transport-umzug',   52.53201, 13.38422, 15),
      (15, v_carla, v_fatma, 'Balkonkästen bepflanzen',    'Vier Kästen, Erde und Pflanzen sind da.',                  'garten-giessen',    52.52988, 13.40151, 40),
      (16, v_dilan, v_emil,  'Drucker einrichten',         'Er steht im WLAN und druckt trotzdem nicht.',              'technik-computer',  52.53270, 13.38590, 30),
      (17, v_emil,  v_fatma, 'Zimmerpflanzen umtopfen',    'Ein Gummibaum und drei kleine.',                           'garten-giessen',    52.53040, 13.39990, 25),
      (18, v_fatma, v_dilan, 'Regal an die Wand schrauben', 'Die Dübel liegen bereit.',                                'handwerk-moebel',   52.53490, 13.42110, 45),
      (31, v_fatma, v_emil,  'Blumenerde vom Markt holen',  'Drei Säcke, mit dem Lastenrad ist es eine Fahrt.',         'transport-einkauf', 52.53490, 13.42110, 20),
      (32, v_dilan, v_emil,  'Bilder vom Telefon sichern',  'Es sind sehr viele, und das Telefon ist voll.',            'technik-computer',  52.53270, 13.38590, 25),
      (33, v_ben,   v_emil,  'Return empty bottles',        'Two crates. Keep the deposit.',                            'transport-einkauf', 52.53317, 13.38704, 10)
    ) as done (number, creator_id, helper_id, title, description, category, latitude, longitude, points_reward)
  loop
    execute format('alter table public.tasks alter column id set default %L', 'd0000000-0000-4000-8000-' || lpad(v_step.number::text, 12, '0'));
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.creator_id, 'role', 'authenticated')::text, true);
    perform public.create_task(v_step.title, v_step.description, v_step.category, v_step.latitude, v_step.longitude, v_step.points_reward);
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.helper_id, 'role', 'authenticated')::text, true);
    perform public.offer_help(('d0000000-0000-4000-8000-' || lpad(v_step.number::text, 12, '0'))::uuid);
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.creator_id, 'role', 'authenticated')::text, true);
    perform public.accept_offer(o.id) from public.task_offers o where o.task_id = ('d0000000-0000-4000-8000-' || lpad(v_step.number::text, 12, '0'))::uuid;
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.helper_id, 'role', 'authenticated')::text, true);
    perform public.finish_task(('d0000000-0000-4000-8000-' || lpad(v_step.number::text, 12, '0'))::uuid);
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.creator_id, 'role', 'authenticated')::text, true);
    perform public.confirm_task(('d0000000-0000-4000-8000-' || lpad(v_step.number::text, 12, '0'))::uuid);
  end loop;

  -- what is still to do: words to search for, with umlauts (Gaertner, Loecher) and in both languages
  for v_step in select * from (values
      (19, v_fatma, 'Gärtner gesucht: Hecke schneiden', 'Etwa zehn Meter Liguster. Die Schere ist scharf, die Leiter steht im Hof.', 'garten-rasen', 52.53490, 13.42110, 80),
      (20, v_dilan, 'Fahrradbremse quietscht', 'Die vordere Bremse an einem alten Hollandrad. Vielleicht sind es nur die Beläge.', 'handwerk-fahrrad', 52.53270, 13.38590, 35),
      (21, v_emil,  'Löcher in der Wand verspachteln', 'Zwölf Dübellöcher vor dem Auszug, danach einmal weiß darüber.', 'handwerk-malern', 52.53040, 13.39990, 55),
      (22, v_emil,  'Teach me to cook lentil soup', 'My grandmother''s recipe is missing half of the steps. Kitchen and lentils are here.', 'sonstiges', 52.53040, 13.39990, 20),
      (34, v_fatma, 'Regentonne anschließen', 'Sie steht schon am Fallrohr, es fehlt nur noch die Klappe.', 'garten-giessen', 52.53490, 13.42110, 30),
      (35, v_carla, 'Bring the old sofa to the recycling yard', 'It comes apart in two. A cargo bike will do.', 'transport-umzug', 52.52988, 13.40151, 60)
    ) as asked (number, creator_id, title, description, category, latitude, longitude, points_reward)
  loop
    execute format('alter table public.tasks alter column id set default %L', 'd0000000-0000-4000-8000-' || lpad(v_step.number::text, 12, '0'));
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.creator_id, 'role', 'authenticated')::text, true);
    perform public.create_task(v_step.title, v_step.description, v_step.category, v_step.latitude, v_step.longitude, v_step.points_reward);
  end loop;
  alter table public.tasks alter column id set default gen_random_uuid();

  -- who did not come: Emil says he did, Dilan is expected since the day before yesterday, and Carla's washing machine takes weeks
  for v_step in select * from (values
      (v_emil,  34, 'select public.offer_help(%1$L, ''Samstag um zehn?'')'),
      (v_ben,   34, 'select public.offer_help(%1$L, ''If Emil cannot.'')'),
      (v_dilan, 35, 'select public.offer_help(%1$L, ''Ich leihe mir das Lastenrad.'')'),
      (v_fatma, 34, 'select public.accept_offer(o.id) from public.task_offers o where o.task_id = %1$L and o.helper_id = %2$L'),
      (v_carla, 35, 'select public.accept_offer(o.id) from public.task_offers o where o.task_id = %1$L'),
      (v_fatma, 34, 'update private.tasks_under_way set expected_at = now() - interval ''2 days'' where task_id = %1$L'),
      (v_carla, 35, 'update private.tasks_under_way set expected_at = now() - interval ''2 days'' where task_id = %1$L'),
      (v_ben,    5, 'update private.tasks_under_way set expected_at = now() - interval ''15 days'' where task_id = %1$L'),
      (v_fatma, 34, 'select public.replace_helper(%1$L, ''Ich habe bis Mittag gewartet.'')'),
      (v_emil,  34, 'select public.contest_no_show(l.id, ''Ich habe zweimal geklingelt.'') from public.lapses l where l.task_id = %1$L')
    ) as story (member_id, number, command)
  loop
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.member_id, 'role', 'authenticated')::text, true);
    execute format(v_step.command, 'd0000000-0000-4000-8000-' || lpad(v_step.number::text, 12, '0'), v_emil);
  end loop;

  -- what they say about each other; Fatma has rated Carla, who has not answered yet
  for v_step in select 'd0000000-0000-4000-8000-' || lpad(said.number::text, 12, '0') as task_id, said.* from (values
      (13, v_ben,   5, 'It stands, and it stands straight.'),
      (13, v_dilan, 4, 'Eine Schraube fehlte, dafür gab es Kuchen.'),
      (14, v_anna,  4, 'Reliable.'),
      (14, v_emil,  5, null),
      (16, v_dilan, 5, 'Jetzt druckt er sogar beidseitig.'),
      (16, v_emil,  5, 'Alles war vorbereitet.'),
      (17, v_emil,  5, 'Ich habe viel gelernt.'),
      (17, v_fatma, 4, 'Der Gummibaum braucht Geduld.'),
      (18, v_fatma, 3, 'Ein wenig schief, aber es hält.'),
      (18, v_dilan, 5, null),
      (15, v_fatma, 5, 'Sehr schöne Erde.')
    ) as said (number, member_id, score, words)
  loop
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.member_id, 'role', 'authenticated')::text, true);
    perform public.rate_task(v_step.task_id::uuid, v_step.score, v_step.words);
  end loop;

  -- places of the community, and what neighbours think of them and of the partners' branches
  perform set_config('request.jwt.claims', json_build_object('sub', v_carla, 'role', 'authenticated')::text, true);
  perform public.add_place('Bücherschrank am Beispielplatz', 'culture', 52.53010, 13.40060, 'Beispielplatz, 10119 Berlin', '{bücher,tauschen}', 'Nimm ein Buch, bring ein Buch.');
  perform set_config('request.jwt.claims', json_build_object('sub', v_emil, 'role', 'authenticated')::text, true);
  perform public.add_place('Repair café in the old laundry', 'service', 52.53390, 13.38910, 'Musterweg 20, 10115 Berlin', '{repair,tools}', 'Every first Saturday. Bring what is broken, and a cake if you have one.');
  perform set_config('request.jwt.claims', json_build_object('sub', v_fatma, 'role', 'authenticated')::text, true);
  perform public.add_place('Gemeinschaftsgarten Exempelufer', 'other', 52.54050, 13.36720, 'Exempelring 31, 13353 Berlin', '{garten,bänke}', 'Beete zum Mitmachen und Bänke in der Sonne.');
  for v_step in select * from (values
      (v_anna,  'Bücherschrank am Beispielplatz',  5, 'Always something new.'),
      (v_ben,   'Bücherschrank am Beispielplatz',  4, null),
      (v_dilan, 'Repair café in the old laundry',  5, 'Mein Toaster lebt.'),
      (v_ben,   'Repair café in the old laundry',  5, 'The best tools in the quarter.'),
      (v_carla, 'Gemeinschaftsgarten Exempelufer', 4, 'Quiet in the mornings.'),
      (v_anna,  'Bäckerei Beispiel',               5, 'The rye bread.'),
      (v_emil,  'Bäckerei Beispiel',               4, null),
      (v_fatma, 'Bäckerei Beispiel am Platz',      3, 'Oft voll.'),
      (v_carla, 'Buchhandlung Muster',             5, 'They find every book.'),
      (v_ben,   'Hallenbad Exempel',               2, 'Cold showers.')
    ) as said (member_id, place, rating, words)
  loop
    perform set_config('request.jwt.claims', json_build_object('sub', v_step.member_id, 'role', 'authenticated')::text, true);
    perform public.review_place(p.id, v_step.rating, v_step.words) from public.places p where p.name = v_step.place;
  end loop;

  -- how they want to be told: Anna once a week by mail, Carla not at night, Ben nothing about offers by mail; Dilan has read
  -- everything
  perform set_config('request.jwt.claims', json_build_object('sub', v_anna, 'role', 'authenticated')::text, true);
  perform public.update_notification_settings(digest => 'weekly');
  perform set_config('request.jwt.claims', json_build_object('sub', v_carla, 'role', 'authenticated')::text, true);
  perform public.update_notification_settings(quiet_from => '22:00', quiet_until => '07:00');
  perform set_config('request.jwt.claims', json_build_object('sub', v_ben, 'role', 'authenticated')::text, true);
  perform public.set_notification_preference('offer_received', 'email', false);
  perform set_config('request.jwt.claims', json_build_object('sub', v_dilan, 'role', 'authenticated')::text, true);
  perform public.mark_notifications_read();

  perform set_config('request.jwt.claims', '', true);
end $$;

-- What the job does every minute, so that leaderboards and months are there from the first minute.
select ops.run_due_jobs(now());
