/** When tasks begin that are shown. */
export const WHENS = ["today", "week", "dates"] as const;
/** How far tasks lie at most, in kilometres; five where nothing is said. */
export const DISTANCES = [1, 2, 5, 10, 25, 50] as const;
export const DEFAULT_KM = 5;

/**
 * What the home screen shows, as it stands in the address: the back button undoes it, and a link shares it. Where the member
 * looks from is not in there, because that is most often where they live.
 */
export interface HomeSearch {
  readonly q?: string;
  readonly category?: string;
  readonly when?: (typeof WHENS)[number];
  /** Days, as `<input type="date">` gives them. */
  readonly from?: string;
  readonly until?: string;
  readonly km?: number;
  readonly sort?: "distance";
  readonly map?: "off";
}

const isDay = (text: unknown): text is string =>
  typeof text === "string" && /^\d{4}-\d{2}-\d{2}$/u.test(text) && !Number.isNaN(Date.parse(text));

/** What an address says, without what this screen does not know. */
export function readHomeSearch(search: Record<string, unknown>): HomeSearch {
  const { q, category, from, until } = search;
  const when = WHENS.find((word) => word === search["when"]);
  const km = DISTANCES.find((distance) => distance === Number(search["km"]));
  return {
    ...(q !== undefined && String(q).trim() !== "" && { q: String(q) }),
    ...(typeof category === "string" && category !== "" && { category }),
    ...(when && { when }),
    ...(when === "dates" && isDay(from) && { from }),
    ...(when === "dates" && isDay(until) && { until }),
    ...(km !== undefined && km !== DEFAULT_KM && { km }),
    ...(search["sort"] === "distance" && { sort: "distance" as const }),
    ...(search["map"] === "off" && { map: "off" as const }),
  };
}

/** What narrows down the tasks of a list or a map. */
export interface TaskFilter {
  readonly category?: string;
  readonly starts_from?: string;
  readonly starts_until?: string;
}

/** The filter that an address stands for, by this device's calendar. */
export function toFilter(search: HomeSearch, now = new Date()): TaskFilter {
  const { from, until } = bounds(search, now);
  return {
    ...(search.category && { category: search.category }),
    ...(from && { starts_from: from.toISOString() }),
    ...(until && { starts_until: until.toISOString() }),
  };
}

function bounds({ when, from, until }: HomeSearch, now: Date): { from?: Date | undefined; until?: Date | undefined } {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  if (when === "today") return { from: today, until: daysAfter(today, 1) };
  // weeks begin on Monday
  if (when === "week") return { from: today, until: daysAfter(today, 7 - ((today.getDay() + 6) % 7)) };
  return {
    from: from === undefined ? undefined : new Date(`${from}T00:00`),
    until: until === undefined ? undefined : daysAfter(new Date(`${until}T00:00`), 1),
  };
}

// by the calendar: some days have 23 or 25 hours
const daysAfter = (day: Date, days: number) => new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);

/** How many filters are set, the words that are looked for aside. */
export function countFilters({ category, when, km, sort }: HomeSearch): number {
  return [category, when, km, sort].filter((value) => value !== undefined).length;
}
