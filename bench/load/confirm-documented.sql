\set n 1 + permute(:first + :i * :stride + :client_id * :spread, :pending)
\set i :i + 1
begin;
select id, helper_id, points_reward, status = 'pending_confirmation' as is_pending from tasks where id = md5('task ' || :n)::uuid \gset
\if :is_pending
update tasks set status = 'completed', completed_at = now() where id = :id;
insert into point_transactions (user_id, task_id, amount, type) values (:helper_id, :id, :points_reward, 'task_completed');
update users set points_balance = points_balance + :points_reward where id = :helper_id;
\endif
commit;
