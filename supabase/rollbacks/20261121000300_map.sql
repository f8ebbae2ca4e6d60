-- Written by npm run db:build: takes the room map out again.

drop function private.tile_middle;
drop function private.tile_level;
drop function private.tile_at;
drop function private.gather_bits;
drop function private.spread_bits;
drop function private.tile_row;
drop function private.tile_column;
drop function private.finest_tiles;
drop function private.squares_around;
drop type private.square_in_circle;
drop function private.square_at;
drop function private.circles_around;
drop type private.circle;
drop function private.position_at;
drop function private.cap;
drop function private.belt;
drop function private.stereographic;
drop function private.mercator;
drop function private.belt_latitude;
drop function private.earth_radius_m;
drop function private.cell_centre;
drop function private.check_coordinates;
drop function private.clamp_radius;
drop function private.max_radius_m;
drop function private.default_radius_m;
