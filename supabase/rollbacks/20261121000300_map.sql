-- Written by npm run db:build: takes the room map out again.

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
