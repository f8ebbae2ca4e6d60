-- Written by npm run db:build: takes the room privacy out again.

drop function private.erase_member cascade;
