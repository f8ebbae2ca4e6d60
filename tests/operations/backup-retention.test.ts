import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Dated, planRetention, RETENTION } from "../../ops/backup/retention.ts";

const DAY = 86_400_000;
const NOW = new Date("2026-11-27T03:00:00Z");
const ago = (days: number, isGood = true): Dated => ({
  name: `${days}`,
  takenAt: new Date(NOW.getTime() - days * DAY),
  isGood,
});
const names = (entries: readonly { name: string }[]) => entries.map(({ name }) => name);

const backups = fc.uniqueArray(
  fc.record({
    name: fc.uuid(),
    takenAt: fc.date({
      min: new Date(NOW.getTime() - 1200 * DAY),
      max: new Date(NOW.getTime() + 2 * DAY),
      noInvalidDate: true,
    }),
    isGood: fc.boolean(),
  }),
  { selector: ({ name }) => name, maxLength: 200 },
);
const plan = (all: readonly Dated[], now = NOW) => planRetention(all, now);

describe("for any backups", () => {
  it("each is either kept or removed", () => {
    fc.assert(
      fc.property(backups, (all) => {
        const { keep, remove } = plan(all);
        expect([...names(keep), ...names(remove)].toSorted()).toEqual(names(all).toSorted());
      }),
    );
  });

  it("the newest good one is kept, whatever the clock says", () => {
    const clocks = fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(backups, clocks, (all, now) => {
        const newest = all
          .filter(({ isGood }) => isGood)
          .toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime())[0];
        if (newest !== undefined) expect(names(plan(all, now).keep)).toContain(newest.name);
      }),
    );
  });

  it("a good one is never removed for the sake of a bad one", () => {
    fc.assert(
      fc.property(backups, (all) => {
        const withoutBad = plan(all.filter(({ isGood }) => isGood));
        const good = new Set(names(all.filter(({ isGood }) => isGood)));
        expect(names(plan(all).keep).filter((name) => good.has(name))).toEqual(names(withoutBad.keep));
      }),
    );
  });

  it("what is removed is not missed: running it again, also after it was half done, removes nothing that was kept", () => {
    fc.assert(
      fc.property(backups, fc.integer({ min: 0, max: 50 }), (all, done) => {
        const first = plan(all);
        const removed = new Set(names(first.remove).slice(0, done));
        const second = plan(all.filter(({ name }) => !removed.has(name)));
        expect(names(second.keep)).toEqual(names(first.keep));
      }),
    );
  });

  it("every day, week and month that counts and has a good one keeps its newest", () => {
    fc.assert(
      fc.property(backups, (all) => {
        const kept = new Set(names(plan(all).keep));
        const good = all.filter(({ isGood, takenAt }) => isGood && takenAt <= NOW);
        for (const [count, periodOf] of [
          [RETENTION.days, (date: Date) => Math.floor(date.getTime() / DAY)],
          [RETENTION.weeks, (date: Date) => Math.floor((date.getTime() / DAY + 3) / 7)],
          [RETENTION.months, (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth()],
        ] as const) {
          for (let back = 1; back < count; back += 1) {
            const inPeriod = good.filter(({ takenAt }) => periodOf(takenAt) === periodOf(NOW) - back);
            const newest = inPeriod.toSorted((a, b) => b.takenAt.getTime() - a.takenAt.getTime())[0];
            if (newest !== undefined) expect(kept).toContain(newest.name);
          }
        }
      }),
    );
  });
});

it("three years of daily backups leave 30 days, 26 weeks and 24 months", () => {
  const all = Array.from({ length: 1100 }, (_, day) => ago(day));
  const { keep } = plan(all);
  const kept = names(keep)
    .map(Number)
    .toSorted((a, b) => a - b);
  expect(kept.slice(0, 30)).toEqual(Array.from({ length: 30 }, (_, day) => day));
  // Sundays after them, until 26 weeks are full, then the last days of months
  expect(kept.slice(30, 33).map((day) => ago(day).takenAt.toISOString().slice(0, 10))).toEqual([
    "2026-10-25",
    "2026-10-18",
    "2026-10-11",
  ]);
  expect(kept.length).toBeLessThanOrEqual(30 + 26 + 24);
  expect(
    ago(kept.at(-1) ?? 0)
      .takenAt.toISOString()
      .slice(0, 7),
  ).toBe("2024-12");
});

it("an old one alone is kept, and a bad one until there is a newer good one", () => {
  expect(names(plan([ago(2000)]).keep)).toEqual(["2000"]);
  expect(names(plan([ago(3), ago(1, false)]).keep)).toEqual(["3", "1"]);
  expect(plan([ago(3), ago(1, false), ago(0)]).remove).toEqual([{ name: "1", because: "damaged" }]);
});

it("all of the last 24 hours are kept, which may lie around a deployment", () => {
  // the day before at 00:36, 05:24 and 07:48
  expect(names(plan([ago(1.1), ago(0.9), ago(0.8), ago(0)]).remove)).toEqual(["1.1"]);
});
