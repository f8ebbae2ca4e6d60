import postgres from "postgres";
import { type JobRow, jobCounts, type Parameter, type Sql } from "./admin.ts";
import { ApiConnection, type Command, type CommandArgs, type Isolation, SERVICE, slugOf } from "./api-connection.ts";

/** One of the calls that run against each other. */
export interface Racer {
  /** Opens a transaction of its own, ready to fire. */
  open(arena: Arena): Promise<OpenRacer>;
}

/** A racer at the starting line. */
interface OpenRacer {
  readonly pid: number;
  run(): Promise<unknown>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** What became of one racer: a row (or rows), or the slug the database refused it with. */
export interface Outcome {
  row?: unknown;
  slug?: string;
}

/** A member's command. */
export function member<C extends Command>(
  memberId: string,
  command: C,
  args: CommandArgs<C>,
  isolation?: Isolation,
): Racer {
  return {
    async open(arena) {
      const { connection, pid, release } = arena.takeApiConnection();
      await connection.begin(memberId, isolation);
      return {
        pid,
        run: () => connection.run(command, args),
        commit: () => connection.commit().finally(release),
        rollback: () => connection.rollback().finally(release),
      };
    },
  };
}

/** A command of an edge function. */
export function service<C extends Command>(command: C, args: CommandArgs<C>): Racer {
  return member(SERVICE, command, args);
}

/** SQL with an admin's rights: a ban, a deleted login. */
export function admin(text: string, ...parameters: readonly Parameter[]): Racer {
  return {
    async open(arena) {
      const { connection, pid } = await arena.takeAdminConnection();
      await connection.unsafe("begin");
      return {
        pid,
        run: async () => [...(await connection.unsafe(text, [...parameters]))],
        commit: () => end(connection, "commit"),
        rollback: () => end(connection, "rollback"),
      };
    },
  };
}

/** `ops.run_due_jobs` as of an SQL expression; a job that reports a failed row fails the test. */
export function jobs(asOf: string): Racer {
  const racer = admin(`select * from ops.run_due_jobs(${asOf})`);
  return {
    async open(arena) {
      const opened = await racer.open(arena);
      return { ...opened, run: async () => jobCounts((await opened.run()) as JobRow[]) };
    },
  };
}

async function end(connection: postgres.ReservedSql, how: "commit" | "rollback"): Promise<void> {
  try {
    await connection.unsafe(how);
  } finally {
    connection.release();
  }
}

interface Seat {
  connection: ApiConnection;
  pid: number;
}

/** Many real connections, opened once and used by every race of a file. */
export class Arena {
  readonly #url: string;
  readonly #admins: postgres.Sql;
  readonly #size: number;
  #free: Seat[] = [];

  constructor(urls: { authenticator: string; owner: string }, size: number) {
    this.#url = urls.authenticator;
    this.#size = size;
    this.#admins = postgres(urls.owner, {
      max: 30,
      onnotice: () => undefined,
      connection: { application_name: "test admin" },
    });
  }

  /** Opens every connection; returns the number of server processes behind them. */
  async connect(): Promise<number> {
    const connections = Array.from({ length: this.#size }, () => new ApiConnection(this.#url));
    this.#free = await Promise.all(
      connections.map(async (connection) => ({ connection, pid: await connection.connect() })),
    );
    return new Set(this.#free.map(({ pid }) => pid)).size;
  }

  readonly sql: Sql = async <Row extends object>(text: string, parameters: readonly Parameter[] = []) => [
    ...(await this.#admins.unsafe<Row[]>(text, [...parameters])),
  ];

  /** Brings all racers to the line, fires them at once and waits for all of them. */
  async race(racers: readonly Racer[]): Promise<Outcome[]> {
    const opened = await Promise.all(racers.map((racer) => racer.open(this)));
    const results = await Promise.allSettled(opened.map((racer) => settle(racer, racer.run())));
    return results.map(outcomeOf);
  }

  /**
   * Lets the second racer run into the first one's open transaction: the first runs, the second starts, and only when
   * it waits for the first (or is done without waiting) the first commits.
   */
  async interleave(
    firstRacer: Racer,
    secondRacer: Racer,
  ): Promise<{ first: Outcome; second: Outcome; waited: boolean }> {
    const first = await firstRacer.open(this);
    const second = await secondRacer.open(this);
    const firstRun = await settleRun(first.run());
    let isDone = false;
    const secondRun = settleRun(second.run()).finally(() => {
      isDone = true;
    });
    const waited = await this.waits(second.pid, () => isDone, first.pid);
    const firstOutcome = await settle(first, unwrap(firstRun));
    const secondOutcome = await settle(second, unwrap(await secondRun));
    return { first: firstOutcome, second: secondOutcome, waited };
  }

  /** Opens the racer's transaction, lets something else happen and be committed, and only then runs the racer. */
  async overtake(racer: Racer, meanwhile: () => Promise<unknown>): Promise<Outcome> {
    const opened = await racer.open(this);
    const [happened] = await Promise.allSettled([meanwhile()]);
    const outcome = await settle(opened, opened.run());
    await unwrap(happened);
    return outcome;
  }

  /** One command, outside of any race, by a member or {@link SERVICE}. */
  async call<C extends Command>(caller: string, command: C, args: CommandArgs<C>) {
    const { connection, release } = this.takeApiConnection();
    try {
      return await connection.call(caller, command, args);
    } finally {
      release();
    }
  }

  takeApiConnection() {
    const seat = this.#free.pop();
    if (!seat) throw new Error(`there are only ${this.#size} connections`);
    return { ...seat, release: () => void this.#free.push(seat) };
  }

  async takeAdminConnection(): Promise<{ connection: postgres.ReservedSql; pid: number }> {
    const connection = await this.#admins.reserve();
    const [found] = await connection<{ pid: number }[]>`select pg_backend_pid() as pid`;
    if (!found) throw new Error("the server did not say its process id");
    return { connection, pid: found.pid };
  }

  async close(): Promise<void> {
    await Promise.all(this.#free.map(({ connection }) => connection.close()));
    await this.#admins.end({ timeout: 5 });
  }

  /** Looks until a server process waits for somebody, or for this holder (true), or is done without (false). */
  async waits(pid: number, isDone = () => false, forHolder: number | null = null): Promise<boolean> {
    while (!isDone()) {
      const [found] = await this.sql<{ waits: boolean }>(
        `select coalesce($2 = any (b.pids), cardinality(b.pids) > 0) as waits
         from (select pg_blocking_pids($1) as pids) b`,
        [pid, forHolder],
      );
      if (found?.waits) return true;
    }
    return false;
  }
}

/** Commits after success and rolls back after a refusal; anything undocumented is thrown. */
async function settle(racer: OpenRacer, running: Promise<unknown>): Promise<Outcome> {
  let row: unknown;
  try {
    row = await running;
  } catch (error) {
    await racer.rollback();
    return { slug: slugOf(error) };
  }
  await racer.commit();
  return { row };
}

function settleRun(running: Promise<unknown>): Promise<PromiseSettledResult<unknown>> {
  return Promise.allSettled([running]).then(([result]) => result);
}

async function unwrap(result: PromiseSettledResult<unknown>): Promise<unknown> {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

function outcomeOf(result: PromiseSettledResult<Outcome>): Outcome {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** Number of outcomes per kind: `{ ok: 1, task_not_open: 49 }`. */
export function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { slug = "ok" } of outcomes) counts[slug] = (counts[slug] ?? 0) + 1;
  return counts;
}

/** The rows of the racers that succeeded. */
export function rowsOf<Row>(outcomes: readonly Outcome[]): Row[] {
  return outcomes.flatMap((outcome) => (outcome.slug === undefined ? [outcome.row as Row] : []));
}

/** The same racer many times over. */
export function times(count: number, racer: Racer): Racer[] {
  return Array.from({ length: count }, () => racer);
}

/** So many items, each made anew. */
export function many<Item>(count: number, make: (index: number) => Item): Item[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
