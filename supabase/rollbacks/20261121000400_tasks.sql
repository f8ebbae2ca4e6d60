-- Rollback of tasks. DELETES every task, offer, event, place and category. Take a backup first.
-- Tables leave the publication supabase_realtime by being dropped.

drop function public.nearby_tasks;
drop function public.cancel_task;
drop function public.release_task;
drop function public.reject_completion;
drop function public.confirm_task;
drop function public.finish_task;
drop function public.start_task;
drop function public.accept_offer;
drop function public.decline_offer;
drop function public.withdraw_offer;
drop function public.offer_help;
drop function public.update_task;
drop function public.create_task;

drop function private.nearby_tasks;
drop type private.nearby_task;
drop function private.decode_cursor;
drop function private.cancel_task;
drop function private.release_task;
drop function private.reject_completion;
drop function private.last_event_is;
drop function private.confirm_task;
drop function private.finish_task;
drop function private.start_task;
drop function private.accept_offer;
drop function private.decline_offer;
drop function private.withdraw_offer;
drop function private.decide_offer;
drop function private.offer_help;
drop function private.update_task;
drop function private.create_task;
drop function private.reopen_task;
drop function private.close_task;
drop function private.complete_task;
drop function private.lock_task;
drop function private.check_category;
drop function private.check_expiry;
drop function private.check_points_limits;

drop trigger users_list_tasks on public.users;
drop function private.list_tasks_of_member;
drop function private.list_open_task;
drop function private.record_event;
drop function private.search_cell;
drop function private.mercator;
drop function private.cell_centre;
drop function private.category_subtree;

alter table public.point_transactions drop constraint point_transactions_task_id_fkey;
drop table private.pending_confirmations;
drop trigger neighbourhoods_find_tasks on public.neighbourhoods;
drop table private.open_tasks;
drop table public.task_events;
drop table public.task_locations;
drop table public.task_offers;
drop table public.tasks;
drop table public.categories;

drop function private.status_fits;
drop function private.find_tasks_of_neighbourhood;
drop function private.prepare_task;
drop function private.check_metadata;
drop function private.check_reward;
drop function private.relist_open_task;
drop function private.refuse_category_cycle;
drop function private.may_see_location;
drop function private.has_offered_on;
