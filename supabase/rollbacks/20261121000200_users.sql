-- Rollback of users. DELETES every profile, contact, block and ban; logins in auth.users stay. Take a backup first.

drop function public.unblock_user;
drop function public.block_user;
drop function public.update_contact;
drop function public.update_settings;
drop function public.update_profile;

drop function private.unblock_user;
drop function private.block_user;
drop function private.update_contact;
drop function private.update_settings;
drop function private.update_profile;
drop function private.are_blocked;
drop function private.hidden_user_ids;
drop function private.lock_member;
drop function private.require_active_user;
drop function private.require_member;

-- cascade: takes the triggers on auth.users along, which only that table's owner may drop by name
drop function private.sync_verification cascade;
drop function private.create_member cascade;
drop function private.member_name;

drop table public.user_bans;
drop table public.user_blocks;
drop table public.user_settings;
drop trigger neighbourhoods_find_members on public.neighbourhoods;
drop table public.user_contacts;
drop table public.users;

drop function private.apply_ban;
drop function private.find_members_of_neighbourhood;
drop function private.find_neighbourhood;
drop function private.check_time_zone;
drop function private.create_settings;
