import { afterAll, beforeAll } from "vitest";
import { type AdminPool, openAdmin, type Parameter, type Sql } from "../support/admin.ts";
import {
  API_APPLICATION,
  ApiConnection,
  type Command,
  type CommandArgs,
  type CommandRow,
  codeOf,
  isConnectionLost,
} from "../support/api-connection.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { proveAfterEach } from "../support/prove-after-each.ts";
import { requireCluster } from "../support/target.ts";

/** What a client heard in the end. */
export interface Heard<Answer> {
  answer: Answer;
  /** How often the connection was lost before the answer came. */
  retries: number;
}

/** A durable server of one test file, which may crash or lose its connections, and the clients that are connected. */
export class FaultyServer {
  readonly #name: string;
  readonly #size: number;
  #cluster: TestCluster | undefined;
  #admin: AdminPool | undefined;
  #clients: ApiConnection[] = [];

  constructor(name: string, size: number) {
    this.#name = name;
    this.#size = size;
  }

  async start(): Promise<void> {
    this.#cluster = await startTestCluster({ name: this.#name, isThrowaway: false });
    this.#admin = openAdmin(this.#running.urls.superuser, 1);
    this.#clients = Array.from({ length: this.#size }, () => this.#connect());
  }

  async destroy(): Promise<void> {
    await Promise.all([this.#admin?.close(), ...this.#clients.map((client) => client.close())]);
    await this.#cluster?.destroy();
  }

  /** SQL as the superuser. */
  readonly sql: Sql = (text, parameters) => {
    if (!this.#admin) throw new Error("the server has not been started yet");
    return this.#admin.sql(text, parameters);
  };

  /** A command through the first client. */
  readonly call = <C extends Command>(
    caller: string,
    command: C,
    args: CommandArgs<C>,
    statementTimeout?: string,
  ): Promise<CommandRow<C>> => this.client(0).call(caller, command, args, statementTimeout);

  client(place: number): ApiConnection {
    const client = this.#clients[place];
    if (!client) throw new Error(`there are only ${this.#size} clients`);
    return client;
  }

  /** A phone: asks again, over a new connection, until it gets an answer. Only lost connections are retried. */
  async insist<Answer>(place: number, ask: (client: ApiConnection) => Promise<Answer>): Promise<Heard<Answer>> {
    for (let retries = 0; ; retries++) {
      try {
        return { answer: await ask(this.client(place)), retries };
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
        await this.reconnect(place);
        await pause(20);
      }
    }
  }

  /** Opens a new connection in place of a client's. */
  async reconnect(place: number): Promise<void> {
    await this.client(place).close();
    this.#clients[place] = this.#connect();
  }

  /** Everything twice, each time by another client, as two phones would; each client asks for one thing at a time. */
  async insistOnAll<Item, Answer>(
    items: readonly Item[],
    ask: (client: ApiConnection, item: Item) => Promise<Answer>,
  ): Promise<Heard<Answer>[]> {
    const heard: Heard<Answer>[] = [];
    const work = [...items, ...items].entries();
    await this.everyClient(async (place) => {
      for (const [index, item] of work) heard[index] = await this.insist(place, (client) => ask(client, item));
    });
    return heard;
  }

  /** Lets every client work at once. */
  everyClient<Result>(work: (place: number) => Promise<Result>): Promise<Result[]> {
    return Promise.all(this.#clients.map((_, place) => work(place)));
  }

  /**
   * Holds a row that all clients need, so that each stops half-way through its command, and strikes when all of them
   * wait; returns what came of the work in the end.
   */
  async strikeHalfWay<Result>(
    hold: readonly [text: string, ...parameters: Parameter[]],
    work: () => Promise<Result>,
    strike: () => Promise<unknown>,
  ): Promise<Result> {
    const holder = openAdmin(this.#running.urls.superuser, 1);
    const [text, ...parameters] = hold;
    await holder.sql("begin");
    await holder.sql(text, parameters);
    const working = work();
    while ((await this.#waitingClients()) < this.#size) await pause(5);
    await strike();
    await holder.close(); // and with it the hold, if it survived the strike
    return working;
  }

  async crash(): Promise<void> {
    await this.#running.cluster.stop("immediate");
    await this.#running.cluster.start();
  }

  /** Ends so many busy connections of clients, or all connections; returns how many. */
  async killConnections(busy?: number): Promise<number> {
    const rows = await this.sql(
      `select pg_terminate_backend(pid) from
         (select pid from pg_stat_activity where application_name = $1 and ($2::int is null or state <> 'idle')
          order by random() limit $2) victims`,
      [API_APPLICATION, busy ?? null],
    );
    return rows.length;
  }

  async #waitingClients(): Promise<number> {
    const rows = await this.sql(
      "select 1 from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'",
      [API_APPLICATION],
    );
    return rows.length;
  }

  #connect(): ApiConnection {
    return new ApiConnection(this.#running.urls.authenticator);
  }

  get #running(): TestCluster {
    if (!this.#cluster) throw new Error("the server has not been started yet");
    return this.#cluster;
  }
}

/**
 * Starts a server for the tests of this file. After every test it proves that books and histories are right, and puts
 * the settings back to their defaults.
 */
export function useFaultyServer(name: string, clients = 1): FaultyServer {
  requireCluster("tests/faults");
  const server = new FaultyServer(name, clients);
  beforeAll(() => server.start());
  proveAfterEach(server.sql);
  afterAll(() => server.destroy());
  return server;
}

/** SQLSTATE a command fails with. */
export async function failureOf(running: Promise<unknown>): Promise<string | undefined> {
  const [result] = await Promise.allSettled([running]);
  return result.status === "rejected" ? codeOf(result.reason) : "no failure";
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
