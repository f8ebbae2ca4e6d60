import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Gate, gate } from "../../dev/base/parallel.ts";
import { messageOf } from "../../dev/base/stack-error.ts";
import { runScheduledBackup } from "../backup/scheduled.ts";
import { readAddress } from "../core/address.ts";
import { connect, type Database, type Queries } from "../core/connection.ts";
import { type Inspection, inspect } from "../core/inspect.ts";
import { type Community, readRegistry } from "../fleet/registry.ts";
import { ofRegistry } from "../fleet/session.ts";
import { functionCaller } from "./call-function.ts";
import { type JobEvent, type TurnOptions, type Turns, takeTurn } from "./turns.ts";

/** As pg_cron does it. */
const EVERY_MS = 60_000;
const LONGEST_PAUSE_MS = 600_000;
/** How soon a change of the registry is seen, and a community whose time has come. */
const LOOK_MS = 1_000;
/** What was let go ends by itself, at the latest by its statement timeout; the answer may get lost on the way. */
const GRACE_MS = 5_000;

/** Whose jobs are done, and how. */
export interface FleetOptions {
  /** The registry. It is read again when it changes. */
  file: string;
  /** How long a community may take for a turn. */
  patienceSeconds: number;
  /** One turn of each, then it ends. */
  isOnce?: boolean;
  log: (event: JobEvent) => void;
  /** How often each is asked what is due. Default: a minute. */
  everyMs?: number;
}

/** A community in the row of its server. */
interface Member {
  community: Community;
  /** When its next turn is due; infinite when it has had its only one. */
  nextAt: number;
  isBusy: boolean;
  /** Turns that failed one after the other. */
  failures: number;
}

/** Jobs being done. */
export interface FleetTurns extends Turns {
  /** When all have had their only turn; whether all went well. */
  ended: Promise<boolean>;
}

/**
 * Does the jobs of all communities of a registry, as {@link startTurns} does those of one. Each server has a few workers with a
 * connection each, open for a turn. They take whose turn has been due for the longest. Whoever failed last waits longer each time,
 * and never gets the last worker of a server: one that hangs costs the others nothing but that. One connection more writes down
 * what ended after its turn.
 *
 * @throws StackError when the registry is wrong; later, the communities stay as they were.
 */
export function startFleet(options: FleetOptions): FleetTurns {
  const { file, patienceSeconds, isOnce = false, log, everyMs = EVERY_MS } = options;
  const stopping = new AbortController();
  const breaking = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  const members = new Map<string, Member>();
  /** By server: what a look told, how many workers it has, and the way for what ends later. */
  const servers = new Map<string, { known?: Inspection; workers: number; toldAt: number; later: Gate }>();
  let isGood = true;
  let enterBackup = gate(1);

  const tell = (event: JobEvent) => {
    if (event.level === "error") isGood = false;
    log(event);
  };
  const keep = (work: Promise<unknown>) => {
    const ending = work.finally(() => underWay.delete(ending));
    underWay.add(ending);
  };

  let seenAt = 0;
  const read = () => {
    seenAt = changedAt(file);
    const fleet = readRegistry(file);
    enterBackup = gate(fleet.parallel);
    for (const community of fleet.communities) {
      const before = members.get(community.name);
      if (before === undefined) {
        members.set(community.name, { community, nextAt: Date.now(), isBusy: false, failures: 0 });
      } else {
        before.community = community;
      }
    }
    for (const name of members.keys()) {
      if (!fleet.communities.some((community) => community.name === name)) members.delete(name);
    }
    for (const { name, connections } of fleet.servers) {
      const server = servers.get(name) ?? { workers: 0, toldAt: 0, later: gate(1) };
      servers.set(name, server);
      for (; server.workers < connections; server.workers += 1) keep(work(name, server.workers));
    }
  };

  /** Whose turn it is: the one that has waited longest, of those who went well last if it is the last free worker. */
  const next = (server: string, isForWell: boolean): Member | undefined => {
    const due = [...members.values()].filter(
      ({ community, isBusy, nextAt, failures }) =>
        community.server.name === server && !isBusy && nextAt <= Date.now() && !(isForWell && failures > 0),
    );
    return due.sort((a, b) => a.nextAt - b.nextAt)[0];
  };
  const isOver = (server: string): boolean =>
    stopping.signal.aborted ||
    (isOnce &&
      ![...members.values()].some(
        ({ community, nextAt, isBusy }) =>
          community.server.name === server && (isBusy || nextAt < Number.POSITIVE_INFINITY),
      ));

  async function work(server: string, index: number): Promise<void> {
    while (!isOver(server)) {
      const member = next(server, index === 0 && (servers.get(server)?.workers ?? 1) > 1);
      if (member === undefined) {
        await sleep(LOOK_MS / 4, undefined, { signal: stopping.signal }).catch(() => undefined);
        continue;
      }
      tellLateness(server, member);
      member.isBusy = true;
      await turn(member);
      member.isBusy = false;
      const pause = Math.min(LONGEST_PAUSE_MS, everyMs * 2 ** Math.max(0, member.failures - 1));
      member.nextAt = isOnce ? Number.POSITIVE_INFINITY : Date.now() + pause;
    }
  }

  /** Once a minute is enough to know that there are too few workers. */
  function tellLateness(server: string, { community, nextAt }: Member): void {
    const facts = servers.get(server);
    const lateMs = Date.now() - nextAt;
    if (facts === undefined || lateMs < everyMs || Date.now() - facts.toldAt < EVERY_MS) return;
    facts.toldAt = Date.now();
    const message = `its turn came ${Math.round(lateMs / 1000)} s late: raise connections of the server ${server}`;
    log({ level: "info", community: community.name, message });
  }

  /** Never throws: what goes wrong is told. */
  async function turn(member: Member): Promise<void> {
    const { community } = member;
    const about = (event: JobEvent) => tell({ community: community.name, ...event });
    try {
      await using(community, (database) => takeTurn(turnOptions(community, database, about), breaking.signal, keep));
      if (member.failures > 0) about({ level: "info", message: "it answers again" });
      member.failures = 0;
    } catch (error) {
      member.failures += 1;
      about({ level: "error", message: `jobs could not be run: ${messageOf(error)}` });
    }
  }

  async function open({ server, jobsUrl }: Community): Promise<Database> {
    const facts = servers.get(server.name);
    const known = facts?.known ?? (await inspect(readAddress(jobsUrl)));
    if (facts !== undefined) facts.known = known;
    return connect({
      url: jobsUrl,
      known,
      max: 1,
      statementSeconds: patienceSeconds,
      applicationName: "neighbourhood jobs",
    });
  }

  function turnOptions(community: Community, database: Database, about: TurnOptions["log"]): TurnOptions {
    const { functions, store, url } = community;
    const callFunction =
      functions === undefined
        ? undefined
        : functionCaller({
            SUPABASE_URL: functions.url,
            SUPABASE_SECRET_KEY: process.env[functions.keyVariable] ?? "",
          });
    const enter = enterBackup;
    const back_up = (signal: AbortSignal) =>
      enter(async () => {
        signal.throwIfAborted();
        return `made ${(await runScheduledBackup({ signal, url, ...(store === undefined ? {} : { store }) })).manifest.name}`;
      });
    return {
      database,
      later: { query: (sql, parameters) => later(community, (session) => session.query(sql, parameters)) },
      ...(callFunction === undefined ? {} : { callFunction }),
      commands: store === undefined ? {} : { back_up },
      log: about,
    };
  }

  function later<Result>(community: Community, ask: (session: Queries) => Promise<Result>): Promise<Result> {
    const enter = servers.get(community.server.name)?.later ?? gate(1);
    return enter(() => using(community, ask));
  }

  async function using<Result>(community: Community, work: (database: Database) => Promise<Result>): Promise<Result> {
    const { name } = readAddress(community.jobsUrl);
    return ofRegistry(name, async () => {
      const database = await open(community);
      return await within(patienceSeconds * 1000 + GRACE_MS, () => work(database)).finally(() => database.close());
    });
  }

  read();
  const watching = (async () => {
    while (!stopping.signal.aborted && !isOnce) {
      await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (changedAt(file) === seenAt) continue;
      try {
        read();
        log({ level: "info", message: `${file} has changed: ${members.size} communities` });
      } catch (error) {
        tell({ level: "error", message: `${messageOf(error)}; the communities stay as they were` });
      }
    }
  })();
  const allDone = async () => {
    await watching;
    while (underWay.size > 0) await Promise.all(underWay);
    return isGood;
  };

  return {
    ended: isOnce ? allDone() : new Promise(() => undefined),
    async stop() {
      stopping.abort();
      await allDone();
    },
    abort: () => breaking.abort(),
  };
}

/** Of a file that is gone for a moment while it is written anew: 0. */
function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Waits no longer than this: a network may lose an answer. */
async function within<Result>(ms: number, work: () => Promise<Result>): Promise<Result> {
  const done = new AbortController();
  const limit = sleep(ms, undefined, { signal: done.signal }).then(() => {
    throw new Error(`no answer within ${Math.round(ms / 1000)} s`);
  });
  limit.catch(() => undefined);
  try {
    return await Promise.race([work(), limit]);
  } finally {
    done.abort();
  }
}
