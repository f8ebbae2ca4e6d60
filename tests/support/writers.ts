import type { Sql } from "./admin.ts";
import { ApiConnection, codeOf, isConnectionLost } from "./api-connection.ts";
import { taskArgs } from "./scenario.ts";

/** A command that a client was told had worked. */
export interface Acknowledged {
  task: string;
  action: string;
  sentAt: number;
  answeredAt: number;
}

/** A command that got no answer, or a refusal. */
export interface Failure {
  code: string;
  isConnectionLost: boolean;
  at: number;
}

/** Neighbours who go on posting tasks, helping and confirming, whatever happens to the server. */
export class Writers {
  readonly acknowledged: Acknowledged[] = [];
  readonly failures: Failure[] = [];
  readonly #url: string;
  readonly #working: Promise<void>[];
  #isOver = false;

  /**
   * @param url of the role `authenticator`; may name several servers, as of a standby.
   * @param members every two are a creator and a helper.
   */
  constructor(url: string, members: readonly string[]) {
    this.#url = url;
    this.#working = members.flatMap((helper, index) =>
      index % 2 === 1 ? [this.#work(members[index - 1] ?? helper, helper)] : [],
    );
  }

  /** Waits until so many more commands have been acknowledged. */
  async more(count: number): Promise<void> {
    const wanted = this.acknowledged.length + count;
    const patience = Date.now() + 60_000;
    while (this.acknowledged.length < wanted) {
      if (Date.now() > patience) throw new Error(`nobody answers: ${JSON.stringify(this.failures.slice(-3))}`);
      await pause(10);
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#working);
  }

  async #work(creator: string, helper: string): Promise<void> {
    let connection = new ApiConnection(this.#url);
    while (!this.#isOver) {
      try {
        await this.#playTask(connection, creator, helper);
      } catch (error) {
        const failure = {
          code: codeOf(error) ?? String(error),
          isConnectionLost: isConnectionLost(error),
          at: Date.now(),
        };
        this.failures.push(failure);
        if (failure.isConnectionLost) {
          await connection.close();
          connection = new ApiConnection(this.#url);
        }
        await pause(50);
      }
    }
    await connection.close();
  }

  async #playTask(connection: ApiConnection, creator: string, helper: string): Promise<void> {
    const note = async <Row>(action: string, asking: Promise<Row>, taskOf: (row: Row) => string): Promise<Row> => {
      const sentAt = Date.now();
      const row = await asking;
      this.acknowledged.push({ task: taskOf(row), action, sentAt, answeredAt: Date.now() });
      await pause(10);
      return row;
    };
    const { id } = await note(
      "created",
      connection.call(creator, "create_task", taskArgs({ points_reward: 1 })),
      (row) => row.id,
    );
    const offer = await note("offered", connection.call(helper, "offer_help", { task_id: id }), () => id);
    const offer_id = (offer as { id: string }).id;
    await note("assigned", connection.call(creator, "accept_offer", { offer_id }), () => id);
    await note("finished", connection.call(helper, "finish_task", { task_id: id }), () => id);
    await note("confirmed", connection.call(creator, "confirm_task", { task_id: id }), () => id);
  }
}

/** The commands that a database knows of, each as `<task> <action>`. */
export async function recorded(sql: Sql): Promise<Set<string>> {
  const rows = await sql<{ command: string }>(
    `select task_id || ' ' || action as command from public.task_events
     union all select task_id || ' offered' from public.task_offers`,
  );
  return new Set(rows.map(({ command }) => command));
}

/** What a database, made again as of a moment, lacks of before it, and has too much from after it. */
export async function differences(
  sql: Sql,
  acknowledged: readonly Acknowledged[],
  moment: { before: number; after?: number },
): Promise<{ lost: Acknowledged[]; tooMuch: Acknowledged[] }> {
  const toldSoFar = [...acknowledged]; // writers may go on while the database is asked
  const known = await recorded(sql);
  const isKnown = ({ task, action }: Acknowledged) => known.has(`${task} ${action}`);
  return {
    lost: toldSoFar.filter((one) => one.answeredAt < moment.before && !isKnown(one)),
    tooMuch: toldSoFar.filter((one) => one.sentAt > (moment.after ?? Number.POSITIVE_INFINITY) && isKnown(one)),
  };
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
