import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type Message, message, messagesOf, textsOf, typeOf } from "../../../dev/stack/door/messages.ts";

/** A client that speaks PostgreSQL's protocol by hand, to do what drivers do not do. */
export interface WireClient {
  readonly socket: Socket;
  /** The id and the secret that a cancel request names. */
  readonly key: Buffer;
  send(...messages: Message[]): void;
  /** Waits until the server awaits the next statement; tells the types of what came, and the last error. */
  ready(): Promise<{ types: string; error: string | undefined; rows: string[] }>;
}

const VERSION_3 = 0x0003_0000;

/** Logs in to the database of an address. */
export async function openWireClient(url: string): Promise<WireClient> {
  const { hostname, port, username, password } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined); // tests cut connections off
  onTestFinished(() => void socket.destroy());
  const answers = messagesOf(socket, () => true);
  const client: WireClient = {
    socket,
    key: Buffer.alloc(0),
    send: (...messages) => void socket.write(Buffer.concat(messages)),
    async ready() {
      let types = "";
      let error: string | undefined;
      const rows: string[] = [];
      for (;;) {
        const { value, done } = await answers.next();
        if (done === true) return { types: `${types}.`, error, rows };
        types += typeOf(value);
        if (typeOf(value) === "E") error = errorOf(value);
        if (typeOf(value) === "D") rows.push(value.toString("utf8", 11));
        if (typeOf(value) === "K") Object.assign(client, { key: Buffer.from(value.subarray(5)) });
        if ("ZG".includes(typeOf(value))) return { types, error, rows };
      }
    },
  };
  client.send(untyped(VERSION_3, Buffer.from(`user\0${username}\0\0`)), message("p", decodeURIComponent(password)));
  await client.ready();
  return client;
}

/** A message from before the login: its length, a code and what belongs to it. */
export function untyped(code: number, rest: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + rest.length, 0);
  head.writeInt32BE(code, 4);
  return Buffer.concat([head, rest]);
}

/** A simple query. */
export const query = (sql: string): Message => message("Q", sql);

const NOTHING = Buffer.alloc(2);

/** Prepares a statement. */
export const parse = (name: string, sql: string): Message => message("P", name, sql, NOTHING);

/** Runs a prepared statement without parameters. */
export const run = (name: string): Message =>
  Buffer.concat([message("B", "", name, NOTHING, NOTHING, NOTHING), message("E", "", 0)]);

export const SYNC: Message = message("S");

/** SQLSTATE and message. */
function errorOf(answer: Message): string {
  const fields = textsOf(answer, 5, 4);
  const of = (letter: string) => fields.find((field) => field.startsWith(letter))?.slice(1);
  return `${of("C")}: ${of("M")}`;
}
