-- Written by npm run db:build: takes the room map out again.

drop function private.squares_around;
drop function private.square_at;
drop function private.circle_around;
drop function private.mercator;
drop function private.cell_centre;
drop function private.check_coordinates;
drop function private.clamp_radius;
drop function private.max_radius_m;
drop function private.default_radius_m;
