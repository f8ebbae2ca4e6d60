import type { Socket } from "node:net";

/** One message of PostgreSQL's protocol, as it came; the first ones of a connection have no type. */
export type Message = Buffer;

const LONGEST = 0x3fff_ffff;

/**
 * The messages that a client sends, until it goes away.
 *
 * @param isTyped whether messages begin with their type by now.
 * @param longest how many bytes a message may have by now.
 * @throws Error when the client does not speak the protocol, or the connection is cut.
 */
export async function* messagesOf(
  socket: Socket,
  isTyped: () => boolean,
  longest: () => number = () => LONGEST,
): AsyncGenerator<Message> {
  let parts: Buffer[] = [];
  let size = 0;
  let needed = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    parts.push(chunk);
    size += chunk.length;
    while (size > 0 && size >= needed) {
      const buffer = Buffer.concat(parts, size);
      parts = [buffer];
      const before = isTyped() ? 1 : 0;
      needed = before + 4;
      if (size < needed) break;
      const length = buffer.readInt32BE(before);
      if (length < 4 || length > longest()) throw new Error(`a message of ${length} bytes`);
      needed = before + length;
      if (size < needed) break;
      parts = [buffer.subarray(needed)];
      size -= needed;
      const message = buffer.subarray(0, needed);
      needed = 0;
      yield message;
    }
  }
}

/** The type of a message, `Q` for example. */
export function typeOf(message: Message): string {
  return String.fromCharCode(message[0] ?? 0);
}

/** The texts that a message consists of or begins with. */
export function textsOf(message: Message, from: number, count: number): string[] {
  const texts: string[] = [];
  for (let start = from; texts.length < count; ) {
    const end = message.indexOf(0, start);
    if (end === -1) return [...texts, ...Array<string>(count - texts.length).fill("")];
    texts.push(message.toString("utf8", start, end));
    start = end + 1;
  }
  return texts;
}

/** Splits what the database answers. */
export function* split(data: Uint8Array): Generator<Message> {
  const buffer = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  for (let start = 0; start < buffer.length; ) {
    const end = start + 1 + buffer.readInt32BE(start + 1);
    yield buffer.subarray(start, end);
    start = end;
  }
}

/** Builds a message; texts end with a zero byte, numbers are 32 bits wide. */
export function message(type: string, ...fields: readonly (string | number | Buffer)[]): Message {
  const body = Buffer.concat(fields.map(bytesOf));
  const head = Buffer.alloc(5, type, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function bytesOf(field: string | number | Buffer): Buffer {
  if (typeof field === "string") return Buffer.from(`${field}\0`);
  if (typeof field !== "number") return field;
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(field);
  return bytes;
}

/** Status of a session between its statements: idle, in a transaction, in a failed transaction. */
export type Status = "I" | "T" | "E";

/** Tells a client that it may send the next statement. */
export function readyForQuery(status: Status): Message {
  return message("Z", Buffer.from(status));
}

/** An error as PostgreSQL words it; after a fatal one the connection is closed. */
export function errorResponse(severity: "ERROR" | "FATAL", code: string, text: string): Message {
  return message("E", `S${severity}`, `V${severity}`, `C${code}`, `M${text}`, Buffer.alloc(1));
}
