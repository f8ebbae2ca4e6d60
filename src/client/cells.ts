/**
 * The cells of about 300 m whose middle others see in place of an exact one, as the database's `private.cell_centre` cuts
 * them.
 *
 * @module
 */

/** A point on earth, in WGS 84 degrees. */
export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

/** A cell by its middle, which others see, and its edges. */
export interface Cell extends Coordinates {
  readonly south: number;
  readonly north: number;
  readonly west: number;
  readonly east: number;
}

/** Degrees of latitude in 300 m. */
const STEP = 0.0027;
const ROWS = Math.floor(90 / STEP);

/**
 * The cell that a place lies in: what others will see of it once it is posted. No request is made.
 *
 * @throws Nothing.
 * @example
 * ```ts
 * const { south, west, north, east } = cellAround({ latitude: 52.52, longitude: 13.405 });
 * map.addRectangle([west, south], [east, north]);
 * ```
 */
export function cellAround({ latitude, longitude }: Coordinates): Cell {
  const row = Math.min(Math.max(Math.floor(latitude / STEP), -ROWS), ROWS - 1);
  const middle = rounded((row + 0.5) * STEP);
  const cells = Math.floor((360 * Math.cos((middle * Math.PI) / 180)) / STEP);
  const cell = Math.floor(((longitude + 180) * cells) / 360) % cells;
  return {
    latitude: middle,
    longitude: rounded(((cell + 0.5) * 360) / cells - 180),
    south: rounded(row * STEP),
    north: rounded((row + 1) * STEP),
    west: rounded((cell * 360) / cells - 180),
    east: rounded(((cell + 1) * 360) / cells - 180),
  };
}

// never -0
const rounded = (degrees: number): number => Math.round(degrees * 1e6) / 1e6 + 0;
