create function private.neighbourhood_at(latitude double precision, longitude double precision)
returns uuid
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select n.id
    from public.neighbourhoods n
    where extensions.st_intersects(n.area, extensions.st_setsrid(extensions.st_makepoint(longitude, latitude), 4326))
    order by extensions.st_area(n.area), n.id
    limit 1);
end $$;
comment on function private.neighbourhood_at(double precision, double precision) is
  'The neighbourhood a place lies in, the smallest where several overlap; null outside of all, or without coordinates.';
