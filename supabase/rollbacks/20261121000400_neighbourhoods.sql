-- Written by npm run db:build: takes the room neighbourhoods out again. DELETES what is in public.neighbourhoods: take a backup first.

drop function private.neighbourhood_at;
drop trigger neighbourhoods_set_updated_at on public.neighbourhoods;
drop table public.neighbourhoods;
