\set n 1 + permute(:first + :i * :stride + :client_id, :users)
\set i :i + 1
begin;
select set_config('role', 'service_role', true), set_config('request.jwt.claims', '{"role":"service_role"}', true);
select * from public.begin_redemption(md5('user ' || :n)::uuid, md5('reward ' || :reward)::uuid, 10, gen_random_uuid(), '\x' || encode(sha256(gen_random_uuid()::text::bytea), 'hex'), '0123abcd.' || repeat('A', 16) || '.' || repeat('A', 48));
commit;
