-- Written by npm run db:build: takes the room text out again.

drop function private.fill_in;
drop function private.snippet;
drop function private.terms_of;
drop function private.word_forms;
drop function private.words_of;
drop function private.fold_text;
drop function private.check_metadata;
drop function private.check_paths;
drop function private.is_picture_path;
drop function private.clean_optional_text;
drop function private.clean_text;
drop function private.max_metadata_bytes;
drop function private.max_picture_name_length;
drop function private.max_address_length;
drop function private.max_message_length;
