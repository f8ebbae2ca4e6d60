-- Words inside of others: in scripts without spaces, after articles that are written together, in compounds with a
-- hyphen, and numbers with their unit, however it is written.
begin;
select plan(67);
select tests.use_default_settings();
update private.settings set task_limit_per_day = 10000, open_task_limit = 1000, points_limit_per_creator = 100000;
select tests.create_supabase_users('anna', 'ben');
create temporary table texts as
select * from (values
  ('帮忙搬家', '周末需要两个人,有电梯'), ('买iPhone手机', '旧的坏了'), ('引っ越しの手伝い', '冷蔵庫を運んでください。ｴｱｺﾝもあります'),
  ('ช่วยย้ายบ้าน', 'มีตู้เย็นและโซฟา'), ('ຊ່ວຍຍ້າຍເຮືອນ', ''), ('ជួយរើផ្ទះ', ''), ('အိမ်ပြောင်းကူညီပါ', ''),
  ('المساعدة في النقل', 'أحتاج سيارة للأثاث والكتب'), ('עזרה בהובלה', 'הספה כבדה והמקרר גדול'),
  ('W-LAN einrichten', 'Der Router vom O’Neil steht im Flur'), ('Drucker ins WLAN hängen', ''), ('E-Bike-Akku tauschen', ''),
  ('20 kg Erde tragen', ''), ('Sack Zement, 25kg', ''), ('Covid‑19 Test abholen', ''), ('iPhone12 Display', ''), ('2.5 kg Mehl holen', ''),
  (repeat('長', 30) || '終', '')) t (title, description);
grant select on texts to authenticated;
select tests.authenticate_as('anna');
select is_empty($$ select t.title from texts t, public.create_task(t.title, t.description || repeat('.', 20), 'garten', -48.8767, -123.3933, 1) c where c.id is null $$, 'all are posted');
create function pg_temp.exactly(query text)
returns text[]
language sql
as $$ select coalesce(array_agg(s.title order by s.title collate "C"), '{}') from public.search_tasks(query, -48.8767, -123.3933) s where s.rank >= 0.5 $$;
grant execute on function pg_temp.exactly(text) to authenticated;
select tests.authenticate_as('ben');

select is(pg_temp.exactly(query), titles, format('%s finds it', query))
from (values
  -- Chinese, Japanese, Thai, Lao, Khmer, Burmese: in title and description, at the beginning, inside, at the end
  ('搬家', '{帮忙搬家}'::text[]), ('帮忙', '{帮忙搬家}'), ('忙搬', '{帮忙搬家}'), ('家', '{帮忙搬家}'), ('电梯', '{帮忙搬家}'), ('两个人 搬家', '{帮忙搬家}'), ('帮忙搬家', '{帮忙搬家}'),
  ('iphone 手机', '{买iPhone手机}'), ('手机', '{买iPhone手机}'), ('手伝い', '{引っ越しの手伝い}'), ('引っ越し', '{引っ越しの手伝い}'), ('蔵庫', '{引っ越しの手伝い}'), ('エアコン', '{引っ越しの手伝い}'),
  ('ください', '{引っ越しの手伝い}'), ('ย้ายบ้าน', '{ช่วยย้ายบ้าน}'), ('บ้าน', '{ช่วยย้ายบ้าน}'), ('โซฟา', '{ช่วยย้ายบ้าน}'), ('ເຮືອນ', '{ຊ່ວຍຍ້າຍເຮືອນ}'), ('ផ្ទះ', '{ជួយរើផ្ទះ}'),
  ('ပြောင်း', '{အိမ်ပြောင်းကူညီပါ}'), ('搬走', '{}'), ('家搬', '{}'), (repeat('長', 20) || '終', array[repeat('長', 30) || '終']), (repeat('長', 20) || '始', '{}'),
  -- Arabic and Hebrew: articles, prepositions, "and", either way; letters that are written in two ways, vowels, stretched
  ('نقل', '{المساعدة في النقل}'), ('النقل', '{المساعدة في النقل}'), ('للنقل', '{المساعدة في النقل}'), ('ونقل', '{المساعدة في النقل}'), ('مساعدة', '{المساعدة في النقل}'), ('مساعده', '{المساعدة في النقل}'),
  ('اثاث', '{المساعدة في النقل}'), ('الأثاث', '{المساعدة في النقل}'), ('كتب', '{المساعدة في النقل}'), ('نَقْل', '{المساعدة في النقل}'), ('نـــقل', '{المساعدة في النقل}'), ('نقل؟', '{المساعدة في النقل}'),
  ('הובלה', '{עזרה בהובלה}'), ('ההובלה', '{עזרה בהובלה}'), ('מקרר', '{עזרה בהובלה}'), ('ספה', '{עזרה בהובלה}'),
  -- hyphens inside of words
  ('WLAN', '{Drucker ins WLAN hängen,W-LAN einrichten}'), ('W-LAN', '{Drucker ins WLAN hängen,W-LAN einrichten}'), ('w‑lan', '{Drucker ins WLAN hängen,W-LAN einrichten}'), ('WLAN einrichten', '{W-LAN einrichten}'),
  ('LAN', '{W-LAN einrichten}'), ('oneil', '{W-LAN einrichten}'), ('O''Neil', '{W-LAN einrichten}'), ('Ebike', '{E-Bike-Akku tauschen}'), ('Bikeakku', '{E-Bike-Akku tauschen}'), ('E-Bike', '{E-Bike-Akku tauschen}'),
  ('EBike-Akku', '{E-Bike-Akku tauschen}'), ('Covid19', '{Covid‑19 Test abholen}'), ('Covid 19', '{Covid‑19 Test abholen}'),
  -- numbers and units
  ('20kg', '{20 kg Erde tragen}'), ('20 kg', '{20 kg Erde tragen}'), ('20-kg', '{20 kg Erde tragen}'), ('20 KG Erde', '{20 kg Erde tragen}'), ('25 kg', '{"Sack Zement, 25kg"}'), ('25kg', '{"Sack Zement, 25kg"}'),
  ('٢٥kg', '{"Sack Zement, 25kg"}'), ('iphone 12', '{iPhone12 Display}'), ('iphone 12 display', '{iPhone12 Display}')) q (query, titles);

select is((select array_agg(snippet order by snippet collate "C") from public.search_tasks('wlan', -48.8767, -123.3933)), '{Drucker ins «WLAN» hängen,«W-LAN» einrichten}', 'a compound is marked whole');
select is((select array_agg(s.snippet order by s.snippet collate "C") from unnest('{搬家,نقل,บ้าน,20kg}'::text[]) query, public.search_tasks(query, -48.8767, -123.3933) s where s.rank >= 0.5),
  '{«20 kg» Erde tragen,المساعدة في «النقل»,ช่วยย้าย«บ้าน»,帮忙«搬家»}', 'so is what is inside');
select tests.reset_authentication();
insert into public.places (name, category, description, latitude, longitude, source) values ('东京面包店', 'shop', 'E-Bike, 20kg', -48.8767, -123.3933, 'community');
select is((select array_agg(query order by query collate "C") from unnest('{面包店,ebike,20 kg,京都}'::text[]) query, public.search_places(query, -48.8767, -123.3933) s where s.rank >= 0.5), '{20 kg,ebike,面包店}', 'places are found like tasks');
select cmp_ok((select length(private.terms_of(repeat('長い', 50), repeat('搬家帮忙', 2000) || repeat(' a-b-c 1 kg', 500)))), '<', 2000, 'the longest text has a bounded number of terms');

select * from finish();
rollback;
