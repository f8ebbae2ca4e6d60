import type { Coordinates } from "@neighbourhood-help/client";

/** Where the device is; it asks the member first. Rejects when they refuse, or when it does not know. */
export function devicePosition(): Promise<Coordinates> {
  return new Promise((resolve, reject) => {
    if (!("geolocation" in navigator)) {
      reject(new Error("no geolocation"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      // six digits are centimetres; more would say nothing
      ({ coords }) => resolve({ latitude: round(coords.latitude), longitude: round(coords.longitude) }),
      reject,
      { timeout: 15_000, maximumAge: 60_000 },
    );
  });
}

/** Degrees as they are sent: to about ten centimetres. */
export function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}
