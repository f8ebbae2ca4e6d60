/**
 * The little HTTP/1.1 that a POST needs, on a connection that is already made.
 *
 * @module
 */
import { Failure } from "./outbound-address.ts";
import { concat } from "./std.ts";

/** One request. */
export interface HttpRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8. */
  readonly body: string | Uint8Array;
}

interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
}

/** An answer, as far as it was read. */
export interface HttpAnswer extends AnswerHead {
  /** At most `maxBytes` of it. */
  readonly body: string;
  /** The answer was longer; the rest was not read. */
  readonly isCut: boolean;
}

const MAX_LINE_BYTES = 8 * 1024;
const MAX_HEADER_LINES = 200;
const MAX_INTERIM_ANSWERS = 5;
const READ_BYTES = 16 * 1024;
const USER_AGENT = "neighbourhood-help/1";

/** The bytes of a POST. */
export function writeRequest(url: URL, request: HttpRequest): Uint8Array {
  const body = typeof request.body === "string" ? new TextEncoder().encode(request.body) : request.body;
  // Headers refuses line breaks, so a value cannot begin a header of its own.
  const headers = new Headers(request.headers);
  headers.set("host", url.host);
  headers.set("user-agent", USER_AGENT);
  headers.set("content-length", String(body.byteLength));
  headers.set("accept-encoding", "identity");
  headers.set("connection", "close");
  const head = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const start = new TextEncoder().encode(`POST ${url.pathname}${url.search} HTTP/1.1\r\n${head}\r\n`);
  return concat([start, body]);
}

/**
 * Sends a request and reads its answer, at most `maxBytes` of it; the connection is closed then.
 *
 * @throws Failure when there is no whole answer.
 */
export async function exchange(connection: Deno.Conn, message: Uint8Array, maxBytes: number): Promise<HttpAnswer> {
  // An answer may come before the request is read to its end; whether writing failed, the answer or its lack shows.
  const writing = writeAll(connection, message).catch(() => undefined);
  try {
    const reader = new ByteReader(connection);
    const head = await readHead(reader);
    const { bytes, isCut } = await collect(bodyParts(reader, head), maxBytes);
    return { ...head, body: new TextDecoder().decode(bytes), isCut };
  } finally {
    close(connection);
    await writing;
  }
}

async function writeAll(connection: Deno.Conn, message: Uint8Array): Promise<void> {
  for (let written = 0; written < message.byteLength; ) written += await connection.write(message.subarray(written));
}

async function readHead(reader: ByteReader, interim = 0): Promise<AnswerHead> {
  const status = /^HTTP\/1\.[01] ([1-5][0-9]{2})(?: |$)/.exec(await reader.line())?.[1];
  if (status === undefined) throw new Failure("the answer is not HTTP/1.1");
  const headers = new Headers();
  for (let count = 0; ; count += 1) {
    const line = await reader.line();
    if (line === "") break;
    if (count === MAX_HEADER_LINES) throw new Failure("the answer has too many headers");
    const [, name = "", value = ""] = /^([^:]+):(.*)$/.exec(line) ?? [];
    try {
      headers.append(name, value.trim());
    } catch {
      throw new Failure("the answer's headers are malformed");
    }
  }
  if (!status.startsWith("1")) return { status: Number(status), headers };
  // "100 Continue" and the like announce the answer.
  if (interim === MAX_INTERIM_ANSWERS) throw new Failure("the answer never comes");
  return readHead(reader, interim + 1);
}

async function* bodyParts(reader: ByteReader, { status, headers }: AnswerHead): AsyncGenerator<Uint8Array> {
  const encoding = headers.get("transfer-encoding")?.toLowerCase();
  const length = headers.get("content-length");
  if (status === 204 || status === 304) return;
  if (encoding !== undefined) {
    if (encoding !== "chunked") throw new Failure("the answer's transfer encoding is unknown");
    for (;;) {
      const [size = ""] = (await reader.line()).split(";");
      if (!/^[0-9a-f]{1,8}$/i.test(size.trim())) throw new Failure("the answer's chunks are malformed");
      // What may follow the last chunk does not matter: the connection is not used again.
      if (Number.parseInt(size, 16) === 0) return;
      yield* reader.exactly(Number.parseInt(size, 16));
      if ((await reader.line()) !== "") throw new Failure("the answer's chunks are malformed");
    }
  } else if (length !== null) {
    if (!/^[0-9]{1,15}$/.test(length)) throw new Failure("the answer's length is malformed");
    yield* reader.exactly(Number(length));
  } else {
    yield* reader.rest();
  }
}

async function collect(
  parts: AsyncGenerator<Uint8Array>,
  maxBytes: number,
): Promise<{ bytes: Uint8Array; isCut: boolean }> {
  const bytes = new Uint8Array(maxBytes);
  let length = 0;
  for await (const part of parts) {
    const fitting = part.subarray(0, maxBytes - length);
    bytes.set(fitting, length);
    length += fitting.byteLength;
    if (fitting.byteLength < part.byteLength) return { bytes, isCut: true };
  }
  return { bytes: bytes.subarray(0, length), isCut: false };
}

/** Reads a connection in lines and pieces, never holding more than one piece. */
class ByteReader {
  readonly #connection: Deno.Conn;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #unread = new Uint8Array();

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** The next piece, at most `max` bytes; undefined at the end of the connection. */
  async #piece(max = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    if (this.#unread.byteLength === 0) {
      const count = await this.#read();
      if (count === null) return undefined;
      this.#unread = this.#buffer.subarray(0, count);
    }
    const piece = this.#unread.subarray(0, max);
    this.#unread = this.#unread.subarray(piece.byteLength);
    return piece;
  }

  async #read(): Promise<number | null> {
    try {
      return await this.#connection.read(this.#buffer);
    } catch (error) {
      // Ended without TLS's goodbye, as many servers do. Whether something is missing, lengths and content tell.
      if (error instanceof Deno.errors.UnexpectedEof) return null;
      throw new Failure("the connection was lost before the answer was complete");
    }
  }

  async line(): Promise<string> {
    let line = "";
    for (;;) {
      const piece = await this.#piece();
      if (piece === undefined) throw new Failure("the connection was closed before the answer was complete");
      const end = piece.indexOf(10);
      const text = piece.subarray(0, end === -1 ? undefined : end);
      line += String.fromCharCode(...text);
      if (line.length > MAX_LINE_BYTES) throw new Failure("the answer has a line that is too long");
      if (end !== -1) {
        this.#unread = this.#buffer.subarray(piece.byteOffset + end + 1, piece.byteOffset + piece.byteLength);
        return line.replace(/\r$/, "");
      }
    }
  }

  async *exactly(length: number): AsyncGenerator<Uint8Array> {
    for (let missing = length; missing > 0; ) {
      const piece = await this.#piece(missing);
      if (piece === undefined) throw new Failure("the connection was closed before the answer was complete");
      missing -= piece.byteLength;
      yield piece;
    }
  }

  async *rest(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = await this.#piece();
      if (piece === undefined) return;
      yield piece;
    }
  }
}

/** Closes a connection, whatever state it is in. */
export function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}
