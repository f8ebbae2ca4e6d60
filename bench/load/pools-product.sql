\set n random(1, :users)
\set k random(1, 10)
begin;
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"role":"authenticated","sub":"' || md5('user ' || :n)::uuid || '"}', true);
\if :k = 1
select * from public.set_preference('garten', (:n % 6)::integer);
\else
select * from public.nearby_tasks(52.52, 13.405, 5000, null, 'newest', 20, null);
\endif
commit;
