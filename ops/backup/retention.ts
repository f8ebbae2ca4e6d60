/** How long backups are kept: as many days, weeks and months back. */
export interface RetentionPolicy {
  days: number;
  weeks: number;
  months: number;
}

/** As documented: daily ones for 30 days, weekly ones for 6 months, monthly ones for 2 years. */
export const RETENTION: RetentionPolicy = { days: 30, weeks: 26, months: 24 };

/** What decides about a backup. */
export interface Dated {
  name: string;
  takenAt: Date;
  /** Complete, with its files as they were written. */
  isGood: boolean;
}

/** What happens to each backup, oldest first. */
export interface RetentionPlan {
  keep: { name: string; because: string }[];
  remove: { name: string; because: string }[];
}

/**
 * Decides which backups are kept: all good ones of the last 24 hours, and of each of the last 30 days, 26 weeks and 24 months,
 * in UTC, the newest. The newest good backup of all is always kept, however old it is; a bad one only as long as there is no
 * newer good one.
 */
export function planRetention(
  backups: readonly Dated[],
  now: Date,
  policy: RetentionPolicy = RETENTION,
): RetentionPlan {
  const newestFirst = backups.toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime());
  const good = newestFirst.filter(({ isGood }) => isGood);
  const reasons = new Map<string, string>();
  const [newest] = good;
  if (newest !== undefined) reasons.set(newest.name, "the newest good one");
  for (const { name, takenAt } of good) {
    // two of a day may lie around a deployment
    if (now.getTime() - takenAt.getTime() < DAY_MS && !reasons.has(name)) reasons.set(name, "of the last 24 hours");
  }
  for (const [unit, count] of [
    ["day", policy.days],
    ["week", policy.weeks],
    ["month", policy.months],
  ] as const) {
    const oldest = periodOf(now, unit) - count;
    const seen = new Set<number>();
    for (const { name, takenAt } of good) {
      const period = periodOf(takenAt, unit);
      // a clock that was wrong makes backups of the future: they count for today
      if (period <= oldest || seen.has(Math.min(period, oldest + count))) continue;
      seen.add(Math.min(period, oldest + count));
      if (!reasons.has(name)) reasons.set(name, `the newest of its ${unit}`);
    }
  }
  for (const { name, isGood, takenAt } of newestFirst) {
    const hasBetter = newest !== undefined && newest.takenAt > takenAt;
    if (!isGood && !hasBetter) reasons.set(name, "damaged, but there is no newer good one");
  }
  const oldestFirst = newestFirst.toReversed();
  return {
    keep: oldestFirst.flatMap(({ name }) => {
      const because = reasons.get(name);
      return because === undefined ? [] : [{ name, because }];
    }),
    remove: oldestFirst
      .filter(({ name }) => !reasons.has(name))
      .map(({ name, isGood }) => ({ name, because: isGood ? "past its time" : "damaged" })),
  };
}

const DAY_MS = 86_400_000;

/** Days, weeks from Monday on, and months, numbered in UTC. */
function periodOf(moment: Date, unit: "day" | "week" | "month"): number {
  const day = Math.floor(moment.getTime() / DAY_MS);
  if (unit === "day") return day;
  if (unit === "week") return Math.floor((day + 3) / 7); // 1970-01-01 was a Thursday
  return moment.getUTCFullYear() * 12 + moment.getUTCMonth();
}
