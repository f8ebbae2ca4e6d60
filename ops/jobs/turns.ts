import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../dev/base/stack-error.ts";
import type { Queries } from "../core/connection.ts";

const TURN_MS = 10_000;
const LONGEST_PAUSE_MS = 60_000;
/** A third of the lease of `ops.hold_job`. */
const HOLD_MS = 200_000;

/** Something that happened and that somebody may want to read. */
export interface JobEvent {
  level: "info" | "error";
  /** Of a fleet: which community; none when it is about all of them. */
  community?: string;
  /** Name of the job; none when it is about all of them. */
  job?: string;
  message: string;
}

/** Who does the jobs, and how. */
export interface TurnOptions {
  database: Queries;
  /** Where the database is open for the turn alone: what is asked when functions and commands end later. */
  later?: Queries;
  /** Calls an edge function with the secret key; undefined when there is no such function. Left out: none is called. */
  callFunction?: (name: string, signal: AbortSignal) => Promise<Response> | undefined;
  /** What is done here, by name of the job in `private.jobs`; each returns what is worth telling. */
  commands?: Readonly<Record<string, (signal: AbortSignal) => Promise<string>>>;
  log: (event: JobEvent) => void;
  /** How often it is asked what is due. Default: 10 seconds. */
  everyMs?: number;
  /** How long stopping waits for functions and commands before it breaks off. Default: until they end. */
  stopGraceMs?: number;
}

/** Jobs being done. */
export interface Turns {
  /** Begins nothing new, and ends when what is under way has ended. */
  stop(): Promise<void>;
  /** Breaks off what is under way. */
  abort(): void;
}

/**
 * Does again and again what is due: `ops.run_due_jobs()`, edge functions that have work, and commands. Several may do so on one
 * database, through any pooler: what is due is given to one of them. While the database is away, it tries again in growing steps.
 */
export function startTurns(options: TurnOptions): Turns {
  const { everyMs = TURN_MS, stopGraceMs, log } = options;
  const stopping = new AbortController();
  const breaking = new AbortController();
  const underWay = new Set<Promise<unknown>>();

  const loop = (async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        await takeTurn(options, breaking.signal, (work) => {
          const ending = work.finally(() => underWay.delete(ending));
          underWay.add(ending);
        });
        if (failures > 0) log({ level: "info", message: "the database answers again" });
        failures = 0;
      } catch (error) {
        failures += 1;
        log({ level: "error", message: `jobs could not be run: ${messageOf(error)}` });
      }
      const pause = failures === 0 ? everyMs : Math.min(LONGEST_PAUSE_MS, everyMs * 2 ** (failures - 1));
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();

  return {
    async stop() {
      stopping.abort();
      const force = stopGraceMs === undefined ? undefined : setTimeout(() => breaking.abort(), stopGraceMs);
      await loop;
      await Promise.all(underWay);
      clearTimeout(force);
    },
    abort: () => breaking.abort(),
  };
}

/** One turn, to its end. Returns whether all went well. */
export async function runOneTurn(options: TurnOptions, signal: AbortSignal): Promise<boolean> {
  let isGood = true;
  const log = (event: JobEvent) => {
    if (event.level === "error") isGood = false;
    options.log(event);
  };
  const begun: Promise<void>[] = [];
  await takeTurn({ ...options, log }, signal, (work) => begun.push(work));
  await Promise.all(begun);
  return isGood;
}

/** Begins what is due outside the database, and does what is due in it. Nothing where the database has no jobs. */
export async function takeTurn(
  options: TurnOptions,
  signal: AbortSignal,
  begin: (work: Promise<void>) => void,
): Promise<void> {
  const { database, later = database, callFunction, commands = {}, log } = options;
  const [found] = await database.query<{ has_jobs: boolean }>(
    "select to_regproc('ops.claim_jobs') is not null as has_jobs",
  );
  if (found?.has_jobs !== true) return;
  if (callFunction !== undefined) {
    for (const job of await claim(database, "function")) {
      begin(doClaimed(options, job, signal, () => post(callFunction, job, signal)));
    }
  }
  if (Object.keys(commands).length > 0) {
    for (const job of await claim(database, "command")) {
      begin(doClaimed(options, job, signal, () => holding(later, job, () => commands[job]?.(signal))));
    }
  }
  // last: when it fails, functions and commands have begun all the same
  await runDueJobs(database, log);
}

async function runDueJobs(database: Queries, log: TurnOptions["log"]): Promise<void> {
  const done = await database.query<{ job: string; processed: number; failed: number }>(
    "select job, processed, failed from ops.run_due_jobs()",
  );
  for (const { job, processed, failed } of done) {
    if (failed > 0) log({ level: "error", job, message: await whyFailed(database, job, failed) });
    else if (processed > 0) log({ level: "info", job, message: `${processed} done` });
  }
}

async function whyFailed(database: Queries, job: string, failed: number): Promise<string> {
  const [row] = await database.query<{ last_error: string | null }>(
    "select last_error from ops.list_jobs() where job = $1",
    [job],
  );
  return row?.last_error ?? `${failed} rows failed and are tried again: the log of the database says why`;
}

async function claim(database: Queries, place: "function" | "command"): Promise<string[]> {
  const rows = await database.query<{ job: string }>("select job from ops.claim_jobs($1) as job", [place]);
  return rows.map(({ job }) => job);
}

/** Never throws: what goes wrong is written down, or comes back when the lease has ended. */
async function doClaimed(
  { database, later = database, log }: TurnOptions,
  job: string,
  signal: AbortSignal,
  work: () => Promise<string | undefined>,
): Promise<void> {
  let error: string | null = null;
  try {
    const message = await work();
    if (message !== undefined) log({ level: "info", job, message });
  } catch (thrown) {
    error = signal.aborted ? "broken off, because npm run jobs was stopped" : reasonOf(thrown);
    if (!signal.aborted) log({ level: "error", job, message: error });
  }
  try {
    await later.query("select ops.finish_job($1, $2)", [job, error]);
  } catch (thrown) {
    log({ level: "error", job, message: `its end could not be written down: ${messageOf(thrown)}` });
  }
}

/** Of a request that found no server the message says only that it failed. */
function reasonOf(thrown: unknown): string {
  const { cause } = thrown instanceof Error ? thrown : {};
  return cause === undefined ? messageOf(thrown) : `${messageOf(thrown)}: ${messageOf(cause)}`;
}

async function post(
  call: NonNullable<TurnOptions["callFunction"]>,
  job: string,
  signal: AbortSignal,
): Promise<undefined> {
  const response = await call(job.replaceAll("_", "-"), signal);
  await response?.body?.cancel();
  if (response?.ok === false) throw new Error(`answered ${response.status}`);
}

/** Keeps the lease of work that takes long. */
async function holding<Result>(database: Queries, job: string, work: () => Promise<Result> | undefined) {
  const hold = setInterval(() => {
    // a database that is away for a moment is asked again before the lease ends
    database.query("select ops.hold_job($1)", [job]).catch(() => undefined);
  }, HOLD_MS);
  try {
    return await work();
  } finally {
    clearInterval(hold);
  }
}
