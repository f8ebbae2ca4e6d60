-- Room: map. Coordinates, the plane on which searches run, and three grids: the cells of about 300 m whose centre
-- others see; the squares of the plane that searches read, narrow and wide; and the home squares of about 1 km, all
-- that suggestions know of homes.

create function private.check_coordinates(latitude double precision, longitude double precision)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  -- NaN sorts above every number and infinity is out of range, so BETWEEN refuses both; null needs its own word
  if latitude is null or longitude is null or not (latitude between -90 and 90 and longitude between -180 and 180) then
    raise exception using errcode = 'PT400', message = 'coordinates_invalid',
      hint = 'Latitude must be between -90 and 90, longitude between -180 and 180 (WGS 84 degrees).';
  end if;
end $$;
comment on function private.check_coordinates(double precision, double precision) is
  'Raises PT400 coordinates_invalid unless both are finite WGS 84 degrees.';

create function private.cell_centre(latitude double precision, longitude double precision,
  out latitude_centre double precision, out longitude_centre double precision)
language plpgsql immutable set search_path = ''
as $$
declare
  c_step  constant double precision := 0.0027;  -- degrees of latitude in 300 m
  c_rows  constant integer := floor(90 / c_step);
  v_cells integer;
begin
  -- whole cells only, up to the poles and around the earth: a narrow one would tell more
  latitude_centre := (least(greatest(floor(latitude / c_step), -c_rows), c_rows - 1) + 0.5) * c_step;
  latitude_centre := pg_catalog.round(latitude_centre::numeric, 6);
  v_cells := floor(360 * cos(radians(latitude_centre)) / c_step);
  longitude_centre := (floor((longitude + 180) * v_cells / 360)::integer % v_cells + 0.5) * 360 / v_cells - 180;
  longitude_centre := pg_catalog.round(longitude_centre::numeric, 6);
end $$;
comment on function private.cell_centre(double precision, double precision) is
  'Centre of the cell, about 300 m by 300 m anywhere on earth, that a point lies in. The same point always gives the '
  'same centre, so repeating it reveals nothing.';
