-- Written by npm run db:build: takes the room map out again.

drop function private.mercator;
drop function private.cell_centre;
drop function private.check_coordinates;
drop function private.cells_around;
drop function private.search_cells;
drop function private.search_cell;
