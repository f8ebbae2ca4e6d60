\set n 1 + permute(:first + :i * :stride + :client_id * :spread, :pending)
\set creator 1 + :n * 7919 % :users
\set i :i + 1
begin;
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"role":"authenticated","sub":"' || md5('user ' || :creator)::uuid || '"}', true);
select * from floor.confirm_wide(md5('task ' || :n)::uuid);
commit;
