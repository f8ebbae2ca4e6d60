import type { Coordinates, Neighbourhood } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useClient, useSignedIn } from "../../app/context.ts";

/** What the member looks around from: the home, unless they chose another place on this device. */
export type WhereKind = "home" | "chosen" | "neighbourhood";
/** A place to look around from, and why that one. */
export interface Where extends Coordinates {
  readonly kind: WhereKind;
}

// On the device only, and for each member: others who sign in here do not learn it.
const storageKey = (userId: string) => `where.${userId}`;
const listeners = new Set<() => void>();

function chosenPlace(text: string | null): Coordinates | null {
  if (text === null) return null;
  const [latitude, longitude] = text.split(" ").map(Number);
  return latitude !== undefined && longitude !== undefined && Number.isFinite(latitude + longitude)
    ? { latitude, longitude }
    : null;
}

/** The middle of a neighbourhood's outline, near enough to look around from. */
export function middleOf(neighbourhood: Pick<Neighbourhood, "outline">): Coordinates | null {
  const numbers =
    JSON.stringify(neighbourhood.outline)
      .match(/-?\d+(?:\.\d+)?(?:e-?\d+)?/gu)
      ?.map(Number) ?? [];
  const longitudes = numbers.filter((_, index) => index % 2 === 0);
  const latitudes = numbers.filter((_, index) => index % 2 === 1);
  if (latitudes.length === 0) return null;
  const middle = (values: readonly number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  return { latitude: middle(latitudes), longitude: middle(longitudes) };
}

/** The named areas on the map. */
export function useNeighbourhoods() {
  const client = useClient();
  return useQuery({
    queryKey: ["neighbourhoods", "list"],
    queryFn: ({ signal }) => client.neighbourhoods.list({ signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/**
 * Where the member looks around: a place chosen on this device, else their home, else the middle of the neighbourhood.
 * `undefined` while that is read, null when nothing is known: then ask for a place.
 */
export function useWhere() {
  const client = useClient();
  const { id } = useSignedIn();
  const stored = useSyncExternalStore(
    (onChange) => {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    () => localStorage.getItem(storageKey(id)),
  );
  const contact = useQuery({
    queryKey: ["users", "contact"],
    queryFn: ({ signal }) => client.users.contact({ signal }),
  });
  const neighbourhoods = useNeighbourhoods();
  const choose = (place: Coordinates | null) => {
    if (place === null) localStorage.removeItem(storageKey(id));
    else localStorage.setItem(storageKey(id), `${place.latitude} ${place.longitude}`);
    for (const listener of listeners) listener();
  };
  const { latitude = null, longitude = null, neighbourhood_id = null } = contact.data ?? {};
  const home = latitude === null || longitude === null ? null : { latitude, longitude };
  return { where: find(), home, choose };

  function find(): Where | null | undefined {
    const chosen = chosenPlace(stored);
    if (chosen) return { ...chosen, kind: "chosen" };
    if (home) return { ...home, kind: "home" };
    // without an answer the screen still opens: a place can be chosen by hand
    if (contact.isPending || neighbourhoods.isPending) return undefined;
    const areas = neighbourhoods.data ?? [];
    const area = areas.find((candidate) => candidate.id === neighbourhood_id) ?? areas[0];
    const middle = area === undefined ? null : middleOf(area);
    return middle && { ...middle, kind: "neighbourhood" };
  }
}
