-- Rollback of privacy. Deleting a login erases nothing from here on.

-- cascade: takes the trigger on auth.users along, which only that table's owner may drop by name
drop function private.erase_member cascade;
