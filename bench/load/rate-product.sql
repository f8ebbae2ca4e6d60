\set n 1 + :before + permute(:first + :i * :stride + :client_id, :pool)
\set creator 1 + :n * 7919 % :users
\set i :i + 1
begin;
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"role":"authenticated","sub":"' || md5('user ' || :creator)::uuid || '"}', true);
select * from public.rate_task(md5('task ' || :n)::uuid, (1 + :n % 5)::integer);
commit;
