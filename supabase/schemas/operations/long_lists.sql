-- Most members have few of everything, and some have thousands. Planned for the few, a page of a list would be fetched
-- by reading and sorting all that its owner has; told that everybody has about 1,000, more than a page even after a
-- cursor and a policy, of which the planner expects that a small part of the rows stay, it reads the page alone, in the
-- order of the index. About 100 where the order is that of the primary key: told of more, it would read a small table
-- from its end instead. Shares, not numbers: they hold at every size.
do $$
declare
  v_list record;
begin
  for v_list in
    select i.indrelid::regclass as relation, owner.attname as owner,
      case when bool_or(place.attname = 'id') then '-0.01' else '-0.001' end as distinct_share
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
    join pg_catalog.pg_attribute owner on owner.attrelid = c.oid and owner.attnum = i.indkey[0]
    join pg_catalog.pg_attribute place on place.attrelid = c.oid and place.attnum = i.indkey[1]
    where owner.atttypid = 'uuid'::regtype and (place.attname = 'id' or place.atttypid = 'timestamptz'::regtype)
    group by 1, 2
  loop
    execute pg_catalog.format('alter table %s alter column %I set (n_distinct = %s)',
      v_list.relation, v_list.owner, v_list.distinct_share);
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
