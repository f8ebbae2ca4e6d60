import type { PlaceCategory } from "@neighbourhood-help/client";

const NAMED: Readonly<Record<PlaceCategory, true>> = {
  shop: true,
  cafe: true,
  restaurant: true,
  service: true,
  culture: true,
  sport: true,
  other: true,
};

/** The categories of places; one that the backend has and this lacks does not compile. */
export const CATEGORIES = Object.keys(NAMED) as PlaceCategory[];
