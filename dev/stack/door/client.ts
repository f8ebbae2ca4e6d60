import { randomInt } from "node:crypto";
import type { Socket } from "node:net";
import { messageOf } from "../../base/stack-error.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import { type CopyIn, copyInOf } from "./copy.ts";
import { isPassword, openingOf, PASSWORD_PLEASE, refusal, welcome } from "./login.ts";
import { errorResponse, type Message, message, messagesOf, readyForQuery, textsOf, typeOf } from "./messages.ts";
import { DatabaseDied, type Settings, Turn } from "./turn.ts";

/** What all clients of a door share. */
export interface DoorRules {
  readonly database: StackDatabase;
  readonly password: string;
  readonly serverVersion: string;
  /** What a login brings along, which the embedded database never does itself. */
  readonly settings: Settings;
  /** How long a transaction may last. */
  readonly limitMs: number;
  /** Gets one line when something is wrong with the database itself. */
  log(line: string): void;
  /** Ends the wait of the client that a cancel request names. */
  cancel(id: number, secret: number): void;
}

const UNREAD_MS = 1000;
const LONGEST_BEFORE_LOGIN = 10_000;
const KNOWN_TYPES = "QPBDECSHFdcfX";
const NO_COPY = "copy … from stdin works as the only statement of a simple query";

/** One connection to the door. */
export class DoorClient {
  readonly id: number;
  readonly secret: number = randomInt(2 ** 31);
  readonly #socket: Socket;
  readonly #rules: DoorRules;
  readonly #statements = new Map<string, Message>();
  #phase: "opening" | "password" | "open" = "opening";
  #startSettings: Settings;
  #settings: Settings;
  #turn: Turn | undefined;
  #ending: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #giveUpWaiting: (() => void) | undefined;
  #isSkipping = false;
  #copy: Message[] | undefined;

  constructor(id: number, socket: Socket, rules: DoorRules) {
    this.id = id;
    this.#socket = socket;
    this.#rules = rules;
    this.#startSettings = rules.settings;
    this.#settings = rules.settings;
  }

  /** Serves the client until it goes away; what it left uncommitted is rolled back. */
  async serve(): Promise<void> {
    this.#socket.setNoDelay(true);
    this.#socket.on("error", () => undefined); // a client that is cut off; reading ends then, too
    const isTyped = () => this.#phase !== "opening";
    const longest = () => (this.#phase === "open" ? 2 ** 30 : LONGEST_BEFORE_LOGIN);
    try {
      for await (const message of messagesOf(this.#socket, isTyped, longest)) {
        if (!this.#socket.writable) continue; // it was told to go
        if (this.#phase === "open") await this.#receive(message).catch((error) => this.#fail(error));
        else this.#enter(message);
      }
    } catch {
      // cut off, or no client of PostgreSQL: there is nobody to tell
    } finally {
      this.#socket.destroySoon();
      await this.#endTurn();
    }
  }

  /** Says why, and closes the connection. */
  close(code: string, reason: string): void {
    this.#write(errorResponse("FATAL", code, reason));
    this.#socket.destroySoon();
    setTimeout(() => this.#socket.destroy(), UNREAD_MS).unref(); // it may never read the reason
    this.#giveUpWaiting?.();
  }

  /** Ends the wait for a turn, as Ctrl-C in psql asks for; a statement that runs cannot be stopped. */
  cancel(): void {
    this.#giveUpWaiting?.();
  }

  #enter(message: Message): void {
    if (this.#phase === "password") {
      if (typeOf(message) !== "p" || !isPassword(message, this.#rules.password)) {
        this.close("28P01", "wrong password: npm start prints the address with the right one");
        return;
      }
      this.#phase = "open";
      this.#write(welcome(this.#rules.serverVersion, this.#settings, this.id, this.secret));
      return;
    }
    const opening = openingOf(message);
    switch (opening.kind) {
      case "encryption":
        this.#write(Buffer.from("N")); // not needed on this machine
        return;
      case "cancel":
        this.#rules.cancel(opening.id, opening.secret);
        this.#socket.end();
        return;
      case "unknown":
        this.#socket.destroy();
        return;
      case "login": {
        const refused = refusal(opening, this.#rules.database.ownerRole);
        if (refused !== undefined) {
          this.#socket.end(refused);
          return;
        }
        this.#startSettings = { ...this.#startSettings, ...opening.settings };
        this.#settings = this.#startSettings;
        this.#phase = "password";
        this.#write(PASSWORD_PLEASE);
      }
    }
  }

  async #receive(message: Message): Promise<void> {
    const type = typeOf(message);
    if (!KNOWN_TYPES.includes(type)) throw new Error(`a message of type ${type}`);
    if (type === "X") {
      this.#socket.end();
      return;
    }
    if (this.#copy !== undefined) return this.#receiveCopy(this.#copy, message);
    if ("dcf".includes(type)) return; // the rest of a copy that failed
    if (this.#isSkipping && type !== "S") return;
    this.#isSkipping = false;
    if (this.#turn === undefined) {
      if (type === "S") this.#write(readyForQuery("I"));
      if ("SH".includes(type) || !(await this.#beginTurn(type))) return;
    }
    const copyIn = type === "Q" || type === "P" ? await copyInOf(textsOf(message, 5, 2).join(" ")) : "none";
    if (copyIn === "unsupported" || (copyIn !== "none" && type === "P")) throw new Error(NO_COPY);
    if (copyIn === "none") await this.#forward(message);
    else this.#startCopy(message, copyIn);
  }

  /** Waits for the session; tells whether the client still wants it. */
  async #beginTurn(type: string): Promise<boolean> {
    let isWanted = true;
    const givenUp = new Promise<undefined>((resolve) => {
      this.#giveUpWaiting = () => {
        isWanted = false;
        resolve(undefined);
      };
    });
    const { database, limitMs } = this.#rules;
    const turn = await Promise.race([Turn.begin(database, this.#settings, () => isWanted), givenUp]);
    this.#giveUpWaiting = undefined;
    if (turn === undefined) {
      this.#write(errorResponse("ERROR", "57014", "canceling statement due to user request"));
      if (type === "Q" || type === "F") this.#write(readyForQuery("I"));
      else this.#isSkipping = true;
      return false;
    }
    this.#turn = turn;
    this.#timer = setTimeout(() => {
      this.close("25P03", `the transaction was rolled back: the app has waited for ${limitMs / 1000} s`);
      // Not left to the end of the connection, which may take longer. `serve` passes a failure on.
      this.#endTurn().catch(() => this.#socket.destroy());
    }, limitMs);
    return true;
  }

  async #forward(message: Message): Promise<void> {
    const turn = this.#turn;
    if (turn === undefined) return; // the limit was reached meanwhile
    const type = typeOf(message);
    const [kind = "", first = "", second = ""] = [String.fromCharCode(message[5] ?? 0), ...textsOf(message, 5, 2)];
    const statement = type === "B" ? second : type === "P" ? first : first.slice(1);
    if (type === "B" || (type === "D" && kind === "S")) await this.#prepareAgain(turn, statement);
    const { data, types, status } = await turn.send(message);
    if (type === "P" && types.includes("1")) {
      this.#statements.set(statement, message);
      turn.prepared.add(statement);
    }
    if (type === "C" && kind === "S") this.#statements.delete(statement);
    // Before the client hears of the end, the session is free and its settings are known.
    if (status === "I") await this.#endTurn();
    this.#write(data);
  }

  /** A prepared statement lasts as long as its client, but in the session only as long as the turn. */
  async #prepareAgain(turn: Turn, name: string): Promise<void> {
    const statement = this.#statements.get(name);
    if (statement === undefined || turn.prepared.has(name)) return;
    const { data, types } = await turn.send(statement);
    if (types === "1") turn.prepared.add(name);
    else this.#write(data);
  }

  #startCopy(query: Message, format: CopyIn): void {
    this.#copy = [query];
    this.#write(message("G", Buffer.from([format === "binary" ? 1 : 0, 0, 0])));
  }

  /** The embedded database cannot wait for data: it gets the query when all of it is there. */
  async #receiveCopy(copy: Message[], message: Message): Promise<void> {
    const type = typeOf(message);
    if ("SH".includes(type)) return;
    copy.push(message);
    if (type === "d") return;
    this.#copy = undefined;
    const turn = this.#turn;
    if (turn === undefined) return;
    const { data, types, status } = await turn.send(Buffer.concat(copy));
    if (status === "I") await this.#endTurn();
    this.#write(types.startsWith("G") ? data.subarray(1 + data.readInt32BE(1)) : data);
  }

  #endTurn(): Promise<void> {
    const turn = this.#turn;
    if (turn !== undefined) {
      clearTimeout(this.#timer);
      this.#turn = undefined;
      this.#ending = turn.end().then((settings) => {
        this.#settings = { ...this.#startSettings, ...settings };
      });
    }
    return this.#ending;
  }

  #fail(error: unknown): void {
    this.close("XX000", messageOf(error));
    if (error instanceof DatabaseDied) this.#rules.log(`${error.message}: stop npm start and start it again`);
  }

  #write(data: Buffer): void {
    if (this.#socket.writable) this.#socket.write(data);
  }
}
