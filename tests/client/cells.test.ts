import fc from "fast-check";
import { expect, test } from "vitest";
import { cellAround } from "../../src/client/index.ts";

const EARTH_M = 111_195; // metres in a degree of latitude

test("a cell holds its place and its middle, and is about 300 m wide, anywhere on earth", () => {
  const place = fc.record({
    latitude: fc.double({ min: -90, max: 90, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  });
  fc.assert(
    fc.property(place, ({ latitude, longitude }) => {
      const cell = cellAround({ latitude, longitude });
      const rounding = 1e-6;
      expect(cell.north - cell.south).toBeCloseTo(0.0027, 5);
      expect((cell.north + cell.south) / 2).toBeCloseTo(cell.latitude, 5);
      expect((cell.east + cell.west) / 2).toBeCloseTo(cell.longitude, 5);
      // the last cells end a little short of the poles
      if (Math.abs(latitude) < 89.99) {
        expect(cell.south).toBeLessThanOrEqual(latitude + rounding);
        expect(cell.north).toBeGreaterThanOrEqual(latitude - rounding);
        const width = (cell.east - cell.west) * Math.cos((cell.latitude * Math.PI) / 180) * EARTH_M;
        expect(width).toBeGreaterThan(299);
        expect(width).toBeLessThan(500);
      }
      // on the date line, and within a rounding of it, the first cell begins again
      const holds = (degrees: number) => cell.west <= degrees + rounding && cell.east >= degrees - rounding;
      expect(holds(longitude) || holds(longitude - 360)).toBe(true);
      expect(cellAround(cell)).toEqual(cell);
    }),
  );
});
