-- Most members have few of everything, and some have thousands. Planned for the few, a page of a list would be fetched
-- by reading and sorting all that its owner has; told that everybody has about 100, more than a page even after a
-- policy, of which it expects that half of the rows stay, the planner reads the page alone, in the order of the index.
-- Told of many more, it would read a small table from its end instead. A share, not a number: it holds at every size.
do $$
declare
  v_list record;
begin
  for v_list in
    select distinct i.indrelid::regclass as relation, owner.attname as owner
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
    join pg_catalog.pg_attribute owner on owner.attrelid = c.oid and owner.attnum = i.indkey[0]
    join pg_catalog.pg_attribute place on place.attrelid = c.oid and place.attnum = i.indkey[1]
    where owner.atttypid = 'uuid'::regtype and (place.attname = 'id' or place.atttypid = 'timestamptz'::regtype)
  loop
    execute pg_catalog.format('alter table %s alter column %I set (n_distinct = -0.01)',
      v_list.relation, v_list.owner);
  end loop;
end $$;
-- undo: do $$
-- undo: declare
-- undo:   v_list record;
-- undo: begin
-- undo:   for v_list in
-- undo:     select a.attrelid::regclass as relation, a.attname as owner from pg_catalog.pg_attribute a
-- undo:     join pg_catalog.pg_class c on c.oid = a.attrelid and c.relnamespace = 'public'::regnamespace
-- undo:     where a.attoptions is not null
-- undo:   loop
-- undo:     execute pg_catalog.format('alter table %s alter column %I reset (n_distinct)',
-- undo:       v_list.relation, v_list.owner);
-- undo:   end loop;
-- undo: end $$;
