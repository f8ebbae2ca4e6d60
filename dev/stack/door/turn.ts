import type { SqlSession } from "../database/session.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import { type Message, type Status, split, typeOf } from "./messages.ts";

/** What the database answered to one message. */
export interface Answer {
  /** What the client is to get. */
  data: Buffer;
  /** Types of the messages in it. */
  types: string;
  /** Where the session stands; undefined in the middle of a sequence of messages. */
  status: Status | undefined;
}

/** Settings of a client's session: each turn begins with them and ends by remembering what they have become. */
export type Settings = Readonly<Record<string, string>>;

/** Messages that PostgreSQL ends with its status. */
const ENDED_BY_STATUS = "QSFcf";

const APPLY = "select set_config(key, value, false) from json_each_text($1::text::json)";

// Settings with a dot are in no catalogue; of them only the claims of a request are remembered.
const REMEMBER = `
  select name, setting from pg_catalog.pg_settings where source = 'session'
  union all
  select name, pg_catalog.current_setting(name, true)
  from pg_catalog.unnest('{request.jwt.claims,role}'::text[]) name
  where pg_catalog.current_setting(name, true) <> ''`;

// Everything of "discard all" but the plans of the functions, which the API needs again.
const CLEAN = `close all; unlisten *; select pg_catalog.pg_advisory_unlock_all(); deallocate all; discard temp;
  discard sequences`;

/** A statement ended the one process there is; a restart of the stack reads the data anew. */
export class DatabaseDied extends Error {
  constructor() {
    super("the embedded database has died of this statement");
  }
}

/**
 * A client's time with the embedded database's one session: from the first message of a transaction to its end. Nobody
 * else gets the session meanwhile, and the next one finds nothing of this one in it.
 */
export class Turn {
  /** Names of the prepared statements that the session knows by now. */
  readonly prepared = new Set<string>();
  readonly #exchange: (message: Uint8Array) => Promise<Uint8Array>;
  #release: () => void = () => undefined;
  #ended: Promise<Settings> = Promise.resolve({});

  private constructor(exchange: (message: Uint8Array) => Promise<Uint8Array>) {
    this.#exchange = exchange;
  }

  /**
   * Waits for the session, and becomes the owner with the client's settings in it.
   *
   * @param isWanted asked when the turn has come: a client may have given up meanwhile.
   */
  static begin(database: StackDatabase, settings: Settings, isWanted: () => boolean): Promise<Turn | undefined> {
    const { exchange } = database;
    if (exchange === undefined) throw new Error("this database needs no door");
    const turn = new Turn(exchange);
    return new Promise((resolve, reject) => {
      turn.#ended = database.asOwner(async (session) => {
        if (!isWanted()) {
          resolve(undefined);
          return {};
        }
        const released = new Promise<void>((release) => {
          turn.#release = release;
        });
        await session.query(APPLY, [JSON.stringify(settings)]);
        resolve(turn);
        await released;
        return cleaned(session);
      });
      turn.#ended.catch(reject);
    });
  }

  /** Sends one message, or several that belong together. */
  async send(message: Message): Promise<Answer> {
    const parts: Message[] = [];
    let types = "";
    let status: Status | undefined;
    const isEnd = ENDED_BY_STATUS.includes(typeOf(message));
    for (const part of split(await this.#exchange(message))) {
      if (typeOf(part) === "Z") {
        // The embedded database gives its status after every error, also where the protocol awaits a Sync first.
        if (!isEnd) continue;
        status = String.fromCharCode(part[5] ?? 0) as Status;
      }
      parts.push(part);
      types += typeOf(part);
    }
    if (isEnd && status === undefined) throw new DatabaseDied();
    return { data: Buffer.concat(parts), types, status };
  }

  /** Gives the session back, without what is not committed; returns the settings of the client. */
  end(): Promise<Settings> {
    this.#release();
    return this.#ended;
  }
}

async function cleaned(session: SqlSession): Promise<Settings> {
  await session.script("rollback");
  const rows = await session.query<{ name: string; setting: string }>(REMEMBER);
  await session.script(CLEAN);
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}
