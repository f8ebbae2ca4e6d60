-- Rollback of search. The projections can be made again from tasks and places; nothing is lost.
-- Dropping the extension fails, and with it the rollback, where something else uses pg_trgm.

drop function ops.rebuild_search;
drop function ops.audit_search;
drop function public.search_places;
drop function public.search_tasks;
drop function private.search_places;
drop function private.search_tasks;
drop type private.found_place;
drop type private.found_task;
drop function private.snippet;
drop function private.similarity_of;
drop function private.nearest_places;
drop function private.nearest_open_tasks;
drop function private.bound_query;
drop function private.search_cells;
drop function private.parse_search;
drop function private.fill_search;

drop trigger neighbourhoods_find_places on public.neighbourhoods;
drop trigger partners_places_are_searched on public.partners;
drop trigger places_are_searched on public.places;
drop trigger tasks_are_searched_by_their_words on public.tasks;
drop trigger open_tasks_are_searched_where_they_are on private.open_tasks;
drop trigger open_tasks_are_searched on private.open_tasks;
drop function private.find_places_of_neighbourhood;
drop function private.follow_partner;
drop function private.follow_place;
drop function private.list_place_texts;
drop function private.follow_task_text;
drop function private.follow_open_task;

drop table private.place_texts;
drop table private.task_texts;
drop function private.bind_terms;
drop function private.terms_of;
drop function private.word_forms;
drop function private.words_of;
drop function private.fold_text;

drop extension pg_trgm;
