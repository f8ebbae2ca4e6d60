/** Edges of a piece of the map in degrees; the western one may be the greater one, across the date line. */
export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

/** Steps in a degree: about 300 m of latitude. */
const STEPS = 370;

/** The bounds made wider to whole steps, so that they tell no more than a cell does, with longitudes as the database takes them. */
export function widened({ west, south, east, north }: Bounds): Bounds {
  const inner = { west: down(west), south: Math.max(down(south), -90), east: up(east), north: Math.min(up(north), 90) };
  if (inner.east - inner.west >= 360) return { ...inner, west: -180, east: 180 };
  // as an eastern edge the date line is at 180, as a western one at -180
  return { ...inner, west: onEarth(inner.west), east: -onEarth(-inner.east) };
}

const down = (degrees: number): number => Math.floor(degrees * STEPS) / STEPS;
const up = (degrees: number): number => Math.ceil(degrees * STEPS) / STEPS;
/** Maps on screens count on where they cross the date line. */
const onEarth = (longitude: number): number => longitude - 360 * Math.floor((longitude + 180) / 360);
