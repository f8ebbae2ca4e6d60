-- The tiles that maps on screens are made of (Web Mercator): one for the world at level 0, four for each at the next
-- level. In a number column and row take turns bit by bit, so that all tiles within one stand in a row in an index.

create function private.finest_tiles() returns smallint language sql immutable set search_path = '' return 18;
comment on function private.finest_tiles() is
  'Level of the smallest tiles, the first at which none holds the centres of two 300 m cells.';

create function private.tile_column(longitude double precision)
returns integer
language plpgsql immutable set search_path = ''
as $$ begin
  return least(floor((longitude + 180) / 360 * (1 << private.finest_tiles())), (1 << private.finest_tiles()) - 1);
end $$;
comment on function private.tile_column(double precision) is
  'Column of the smallest tiles, from the date line eastward.';

create function private.tile_row(latitude double precision)
returns integer
language plpgsql immutable set search_path = ''
as $$
declare
  -- the map is a square; what lies beyond counts for its first and last row
  c_edge constant double precision := 85.0511;
begin
  return floor((0.5 - ln(tan(pi() / 4 + radians(greatest(least(latitude, c_edge), -c_edge)) / 2)) / (2 * pi()))
    * (1 << private.finest_tiles()));
end $$;
comment on function private.tile_row(double precision) is 'Row of the smallest tiles, from the north southward.';

create function private.spread_bits(number bigint)
returns bigint
language plpgsql immutable set search_path = ''
as $$ begin
  number := (number | (number << 16)) & 281470681808895;
  number := (number | (number << 8)) & 71777214294589695;
  number := (number | (number << 4)) & 1085102592571150095;
  number := (number | (number << 2)) & 3689348814741910323;
  return (number | (number << 1)) & 6148914691236517205;
end $$;
comment on function private.spread_bits(bigint) is 'The bits of a number with room for another one''s between them.';

create function private.gather_bits(number bigint)
returns bigint
language plpgsql immutable set search_path = ''
as $$ begin
  number := number & 6148914691236517205;
  number := (number | (number >> 1)) & 3689348814741910323;
  number := (number | (number >> 2)) & 1085102592571150095;
  number := (number | (number >> 4)) & 71777214294589695;
  number := (number | (number >> 8)) & 281470681808895;
  return (number | (number >> 16)) & 4294967295;
end $$;
comment on function private.gather_bits(bigint) is 'Takes back private.spread_bits.';

create function private.tile_at(latitude double precision, longitude double precision)
returns bigint
language plpgsql immutable set search_path = ''
as $$ begin
  return private.spread_bits(private.tile_column(longitude)) + 2 * private.spread_bits(private.tile_row(latitude));
end $$;
comment on function private.tile_at(double precision, double precision) is
  'Number of the smallest tile that a place lies in.';

create function private.tile_level(one bigint, other bigint)
returns integer
language plpgsql immutable set search_path = ''
as $$ begin
  -- two bits for each level
  return private.finest_tiles() - (pg_catalog.length(pg_catalog.ltrim((one # other)::bit(36)::text, '0')) + 1) / 2;
end $$;
comment on function private.tile_level(bigint, bigint) is
  'Level of the smallest tile that holds two of the smallest ones.';

create function private.tile_middle(tile bigint, level integer, out latitude double precision,
  out longitude double precision)
language plpgsql immutable set search_path = ''
as $$
declare
  v_within integer := 2 * (private.finest_tiles() - level);
  v_share  double precision := 1.0 / (1 << level);
begin
  longitude := pg_catalog.round(((private.gather_bits(tile >> v_within) + 0.5) * v_share * 360 - 180)::numeric, 6);
  latitude  := pg_catalog.round(degrees(2 * atan(exp(
    (0.5 - (private.gather_bits((tile >> v_within) >> 1) + 0.5) * v_share) * 2 * pi())) - pi() / 2)::numeric, 6);
end $$;
comment on function private.tile_middle(bigint, integer) is
  'Middle of the tile of a level that one of the smallest tiles lies in.';
