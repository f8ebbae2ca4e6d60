import { inParallel } from "../../dev/base/parallel.ts";
import { messageOf } from "../../dev/base/stack-error.ts";
import type { Report } from "../core/report.ts";
import { inTime } from "../core/show.ts";
import type { Community } from "./registry.ts";

/** What came of a community, with what the command tells beside. */
export interface Entry {
  community: string;
  server: string;
  database: string;
  /** A word of the command, else `failed` or `not_begun`. */
  status: string;
  is_good: boolean;
  seconds: number;
  error?: string;
  [fact: string]: unknown;
}

/** What work tells of a community; more than this is for `--json`. */
export interface Told {
  status: string;
  /** For people. */
  line: string;
  /** It counts as a failure. */
  isBad?: boolean;
}

/** How communities are gone through. */
export interface Walk {
  /** How many at the same time. */
  parallel: number;
  out: Report;
  /** Nothing is begun after the first failure; else the others go on. */
  stops: boolean;
}

/** What came of all. */
export interface Walked {
  entries: Entry[];
  isGood: boolean;
}

/**
 * Works on each community and tells how it went, a line as each ends. What fails is written down. After SIGINT or SIGTERM
 * nothing is begun; a second one ends the process.
 */
export async function walk(
  communities: readonly Community[],
  { parallel, out, stops }: Walk,
  work: (community: Community) => Promise<Told>,
): Promise<Walked> {
  let isStopped = false;
  let ended = 0;
  const stop = () => {
    isStopped = true;
    out.line("stopping: what is under way ends; run it again for the rest");
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const one = async (community: Community): Promise<Entry> => {
    const began = performance.now();
    const told = await work(community).catch((error: unknown): Told & { error: string } => {
      const line = messageOf(error);
      return { status: "failed", isBad: true, line, error: line };
    });
    const { line, isBad = false, ...facts } = told;
    if (isBad && stops) isStopped = true;
    ended += 1;
    const seconds = (performance.now() - began) / 1000;
    out.line(`[${ended}/${communities.length}] ${isBad ? "✗" : "✓"} ${community.name}: ${line} (${inTime(seconds)})`);
    return { ...placeOf(community), is_good: !isBad, seconds: Math.round(seconds * 1000) / 1000, ...facts };
  };
  try {
    const outcomes = await inParallel(communities, parallel, one, () => !isStopped);
    const entries = communities.map((community, index): Entry => {
      const outcome = outcomes[index];
      if (outcome !== undefined) return outcome;
      out.line(`· ${community.name}: not begun`);
      return { ...placeOf(community), is_good: false, seconds: 0, status: "not_begun" };
    });
    return { entries, isGood: entries.every(({ is_good }) => is_good) };
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

const placeOf = ({ name, server, database }: Community) => ({ community: name, server: server.name, database });
