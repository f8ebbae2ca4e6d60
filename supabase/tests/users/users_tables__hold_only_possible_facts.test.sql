-- The last line behind the commands: constraints that also bind admins in Studio.
begin;
select plan(17);
select tests.create_supabase_users('anna', 'ben');

create function pg_temp.breaks(constraint_name text, command text)
returns text
language sql
as $$
  select throws_like(command, format('%%violates %% constraint "%s"%%', constraint_name), constraint_name)
$$;

select pg_temp.breaks('name_has_1_to_255_characters', $$ update public.users set name = '' where id = tests.get_supabase_uid('anna') $$);
select pg_temp.breaks('name_has_1_to_255_characters', $$ update public.users set name = repeat('A', 256) where id = tests.get_supabase_uid('anna') $$);
select pg_temp.breaks('avatar_path_has_at_most_500_characters', $$ update public.users set avatar_path = repeat('A', 501) where id = tests.get_supabase_uid('anna') $$);
select pg_temp.breaks('bio_has_at_most_2000_characters', $$ update public.users set bio = repeat('A', 2001) where id = tests.get_supabase_uid('anna') $$);
select pg_temp.breaks('trust_score_is_between_0_and_5', $$ update public.users set trust_score = 5.01 where id = tests.get_supabase_uid('anna') $$);
select pg_temp.breaks('trust_score_is_between_0_and_5', $$ update public.users set trust_score = -0.01 where id = tests.get_supabase_uid('anna') $$);
select pg_temp.breaks('rating_average_is_between_0_and_5', $$ update public.users set rating_average = 5.01 where id = tests.get_supabase_uid('anna') $$);
select pg_temp.breaks('rating_count_is_not_negative', $$ update public.users set rating_count = -1 where id = tests.get_supabase_uid('anna') $$);
select pg_temp.breaks('phone_number_has_at_most_50_characters', $$ update public.user_contacts set phone_number = repeat('1', 51) $$);
select pg_temp.breaks('address_has_at_most_500_characters', $$ update public.user_contacts set address = repeat('A', 501) $$);
select pg_temp.breaks('home_is_complete_or_absent', $$ update public.user_contacts set latitude = 1, longitude = null $$);
select pg_temp.breaks('home_is_on_earth', $$ update public.user_contacts set latitude = 91, longitude = 0 $$);
select pg_temp.breaks('home_is_on_earth', $$ update public.user_contacts set latitude = 0, longitude = 'NaN' $$);
select pg_temp.breaks('nobody_blocks_themselves', $$ insert into public.user_blocks values (tests.get_supabase_uid('anna'), tests.get_supabase_uid('anna')) $$);
select pg_temp.breaks('user_has_one_ban_at_a_time', $$ insert into public.user_bans (user_id) select tests.get_supabase_uid('anna') from generate_series(1, 2) $$);
select throws_like($$ delete from public.users where id = tests.get_supabase_uid('anna') $$, '%violates foreign key constraint%', 'a member with an account cannot be deleted: erasing is done through the login');
select is((select count(*)::int from public.users where id in (tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'))), 2, 'both are still there');

select * from finish();
rollback;
