-- Rollback of neighbourhoods. DELETES every drawn area. Take a backup first.

drop function private.neighbourhood_at;
drop table public.neighbourhoods;
