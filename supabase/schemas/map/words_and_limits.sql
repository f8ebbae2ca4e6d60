-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.default_radius_m() returns integer language sql immutable set search_path = '' return 5000;
comment on function private.default_radius_m() is 'Radius of a search in metres when nothing is said.';

create function private.max_radius_m() returns integer language sql immutable set search_path = '' return 50000;
comment on function private.max_radius_m() is 'Widest search in metres; wider ones are lowered to this.';

create function private.clamp_radius(radius_m integer)
returns integer
language plpgsql immutable set search_path = ''
as $$ begin
  return greatest(1, least(coalesce(radius_m, private.default_radius_m()), private.max_radius_m()));
end $$;
comment on function private.clamp_radius(integer) is 'Radius of a search in metres, from what was asked for.';
