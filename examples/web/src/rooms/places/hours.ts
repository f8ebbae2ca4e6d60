import type { OpeningHours, Weekday } from "@neighbourhood-help/client";

/** The days as the backend names them, from Monday. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const satisfies readonly Weekday[];

type Spans = NonNullable<OpeningHours[Weekday]>;

/** Days in a row with the same hours; no spans: closed. */
export interface DayGroup {
  readonly first: Weekday;
  readonly last: Weekday;
  readonly spans: Spans;
}

/** The week, with days that are alike said once. */
export function groupDays(hours: OpeningHours): DayGroup[] {
  const groups: DayGroup[] = [];
  for (const day of WEEKDAYS) {
    const spans = hours[day] ?? [];
    const before = groups.at(-1);
    if (before !== undefined && JSON.stringify(before.spans) === JSON.stringify(spans)) {
      groups[groups.length - 1] = { ...before, last: day };
    } else groups.push({ first: day, last: day, spans });
  }
  return groups;
}

const MINUTES_OF_WEEK = 7 * 24 * 60;

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
}

/** Whether a place is open, by the device's clock; what closes after midnight is still open the next morning. */
export function isOpenAt(hours: OpeningHours, at: Date): boolean {
  const now = ((at.getDay() + 6) % 7) * 1440 + at.getHours() * 60 + at.getMinutes();
  return WEEKDAYS.some((day, index) =>
    (hours[day] ?? []).some(([from, to]) => {
      const opens = index * 1440 + minutes(from);
      const lasts = (minutes(to) - minutes(from) + 1440) % 1440 || 1440;
      return (now - opens + MINUTES_OF_WEEK) % MINUTES_OF_WEEK < lasts;
    }),
  );
}
