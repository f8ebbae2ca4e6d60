/**
 * Requests to addresses that partners chose. Such an address may point at machines that only we can reach, today or
 * after its DNS record has changed. So only public addresses are called, the name is resolved once per request, and the
 * connection goes to exactly the address that was checked.
 *
 * `fetch` and `node:https` cannot be told which address to use everywhere: `fetch` resolves by itself, and `node:https`
 * of Deno 2.1, which Supabase's edge runtime is compatible with, has neither `lookup` nor `createConnection` and checks
 * the certificate against the IP address; its `node:tls` does not check the name at all. (All of them are right in Deno
 * 2.9.) `Deno.connect` to the IP address followed by `Deno.startTls` with the host name does the right thing in both,
 * tried with 2.1.4 and 2.9.6, so the little HTTP/1.1 that a POST needs is spoken here.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";

/** What became of a request. */
export type OutboundResult =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Headers;
      /** At most `maxBytes` of it. */
      readonly body: string;
      /** The answer was longer; the rest was not read. */
      readonly isCut: boolean;
    }
  /** Nothing reached the other side: refused address, DNS, no connection, TLS. */
  | { readonly kind: "not_sent"; readonly reason: string }
  /** Sent, but without a whole answer: it may have been processed. */
  | { readonly kind: "unknown"; readonly reason: string };

/** One request. */
export interface OutboundRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Text is sent as UTF-8. */
  readonly body: string | Uint8Array;
  /** For everything together: DNS, connecting, sending, reading. Default: 10 seconds. */
  readonly timeoutMs?: number;
  /** Longest answer that is read. Default: 64 KiB. */
  readonly maxBytes?: number;
}

/** Calls addresses that partners chose. */
export interface Outbound {
  /**
   * Why an address may not be called, for the person who registers it; undefined when it may. What it answers can
   * change with DNS, so every request checks again.
   */
  check(url: string): Promise<string | undefined>;
  /** Sends one POST. Redirects are answers like any other and not followed. Never throws. */
  post(request: OutboundRequest): Promise<OutboundResult>;
}

/** How names and certificates are looked up. */
export interface OutboundOptions {
  /** For development: loopback addresses may be called as well, by http, too. */
  readonly allowLoopback: boolean;
  /** All addresses of a host name. Default: the system's resolver. */
  readonly resolve?: (hostName: string) => Promise<readonly string[]>;
  /** Certificate authorities (PEM) that are trusted besides the system's. */
  readonly authorities?: readonly string[];
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_BYTES = 64 * 1024;
const MAX_URL_LENGTH = 2_000;
/** An address that does not answer must not use up the time of those behind it. */
const CONNECT_TIMEOUT_MS = 3_000;
const MAX_ADDRESSES = 3;
const MAX_LINE_BYTES = 8 * 1024;
const MAX_HEADER_LINES = 200;
const MAX_INTERIM_ANSWERS = 5;
const READ_BYTES = 16 * 1024;
const USER_AGENT = "neighbourhood-help/1";

/** Names that mean something inside somebody's network only. */
const INNER_NAMES = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|private|home\.arpa)$/;
/** Global unicast; everything else in IPv6 is special, including the old ways to write an IPv4 address in it. */
const IPV6_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];
/** A machine of the cloud platform behind an address that looks public (Azure). */
const PLATFORM_ADDRESSES: readonly string[] = ["168.63.129.16"];

/** An address that was checked: nothing is resolved after this. */
interface Target {
  readonly url: URL;
  /** Without the brackets of IPv6. */
  readonly hostName: string;
  readonly addresses: readonly string[];
}

/** Ends a request before it has an answer. The message goes to partners and names no inner address. */
class Failure extends Error {}

/** Makes the only way out to addresses that partners chose. */
export function createOutbound(options: OutboundOptions): Outbound {
  return {
    async check(url) {
      try {
        await limited(DEFAULT_TIMEOUT_MS, (signal) => findTarget(url, options, signal));
        return undefined;
      } catch (error) {
        return reasonOf(error, "host name not found in time");
      }
    },

    async post({ timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = DEFAULT_MAX_BYTES, ...request }) {
      let isSent = false;
      try {
        return await limited(timeoutMs, async (signal) => {
          const target = await findTarget(request.url, options, signal);
          const message = writeRequest(target, request);
          const connection = await connect(target, options, signal);
          // What is being read or written fails when the connection is closed.
          signal.addEventListener("abort", () => close(connection));
          try {
            signal.throwIfAborted();
            isSent = true;
            return await exchange(connection, message, maxBytes);
          } finally {
            close(connection);
          }
        });
      } catch (error) {
        return isSent
          ? { kind: "unknown", reason: reasonOf(error, "no answer in time") }
          : { kind: "not_sent", reason: reasonOf(error, "no connection in time") };
      }
    },
  };
}

/** Gives work a time limit; whatever it waits for afterwards is abandoned. */
async function limited<Result>(timeoutMs: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  try {
    return await unlessAborted(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until the signal aborts, which not every call can be told; what arrives too late is dropped. */
function unlessAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal,
  drop: (late: Result) => void = () => undefined,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    promise
      .then((result) => {
        if (signal.aborted) drop(result);
        else resolve(result);
      }, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}

function reasonOf(error: unknown, otherwise: string): string {
  return error instanceof Failure ? error.message : otherwise;
}

// --- Which addresses -------------------------------------------------------------------------------------------------

async function findTarget(text: string, options: OutboundOptions, signal: AbortSignal): Promise<Target> {
  const url = readUrl(text);
  const hostName = url.hostname.replace(/^\[|\]$/g, "");
  checkName(hostName, options);
  const addresses = ipaddr.isValid(hostName)
    ? [hostName]
    : await resolve(hostName, options.resolve ?? systemResolver, signal);

  const isLoopback = options.allowLoopback && addresses.every((address) => rangeOf(address) === "loopback");
  if (!isLoopback) {
    // One inner address among public ones is enough to be led inside.
    if (!addresses.every(isPublic)) throw new Failure("the address is not public");
    if (url.protocol !== "https:") throw new Failure("the address must begin with https://");
    const port = Number(url.port || 443);
    if (port !== 443 && port < 1024) throw new Failure("the port must be 443 or at least 1024");
  }
  return { url, hostName, addresses };
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  // The parser forgives a lot, and what it forgives others may read differently.
  if (url === null || text.length > MAX_URL_LENGTH || !/^https?:\/\/[^\s\p{Cc}\\]+$/iu.test(text)) {
    throw new Failure("the address is not a URL that begins with https://");
  }
  if (url.username !== "" || url.password !== "" || /^[^/]+\/\/[^/?#]*@/.test(text)) {
    throw new Failure("the address must not hold a user name or password");
  }
  if (text.includes("#")) throw new Failure("the address must not have a fragment");
  // The parser turns 2130706433, 0x7f.1 and 0177.0.0.1 into four decimal numbers; nobody writes them with good intent.
  const written = /^[^/]+\/\/([^/?:]*)/.exec(text)?.[1];
  if (ipaddr.IPv4.isValid(url.hostname) && written !== url.hostname)
    throw new Failure("the IP address must be four decimal numbers");
  return url;
}

function checkName(hostName: string, options: OutboundOptions): void {
  if (ipaddr.isValid(hostName) || (options.allowLoopback && hostName === "localhost")) return;
  if (hostName.endsWith(".") || !hostName.includes(".") || INNER_NAMES.test(hostName)) {
    throw new Failure("the host name is not public");
  }
}

async function resolve(
  hostName: string,
  resolver: (hostName: string) => Promise<readonly string[]>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let addresses: readonly string[];
  try {
    addresses = await unlessAborted(resolver(hostName), signal);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Failure("host name not found");
  }
  if (addresses.length === 0) throw new Failure("host name not found");
  return addresses;
}

async function systemResolver(hostName: string): Promise<readonly string[]> {
  const found = await lookup(hostName, { all: true });
  // Not every place has a way to IPv6.
  return found.sort((one, other) => one.family - other.family).map(({ address }) => address);
}

function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.parse(address).range() : "invalid";
}

function isPublic(address: string): boolean {
  if (rangeOf(address) !== "unicast" || PLATFORM_ADDRESSES.includes(address)) return false;
  const parsed = ipaddr.parse(address);
  return parsed.kind() === "ipv4" || parsed.match(IPV6_UNICAST);
}

// --- The connection --------------------------------------------------------------------------------------------------

async function connect(target: Target, options: OutboundOptions, signal: AbortSignal): Promise<Deno.Conn> {
  const connection = await connectToOne(target, signal);
  if (target.url.protocol === "http:") return connection;
  let secure: Deno.TlsConn;
  try {
    secure = await Deno.startTls(connection, {
      hostname: target.hostName,
      ...(options.authorities === undefined ? {} : { caCerts: [...options.authorities] }),
    });
  } catch {
    close(connection);
    throw new Failure("TLS failed");
  }
  try {
    // Deno finishes a handshake in the background even after close: then the socket is freed when the other side or this
    // process ends.
    await unlessAborted(secure.handshake(), signal);
    return secure;
  } catch (error) {
    close(secure);
    throw signal.aborted ? error : new Failure("TLS failed: is the certificate valid for this host name?");
  }
}

/** The first of the checked addresses that takes the connection. */
async function connectToOne({ url, addresses }: Target, signal: AbortSignal): Promise<Deno.TcpConn> {
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  let reason = "no connection";
  for (const hostname of addresses.slice(0, MAX_ADDRESSES)) {
    const attempt = new AbortController();
    const giveUp = () => attempt.abort();
    const timer = setTimeout(giveUp, CONNECT_TIMEOUT_MS);
    signal.addEventListener("abort", giveUp);
    try {
      return await unlessAborted(Deno.connect({ hostname, port }), attempt.signal, close);
    } catch (error) {
      signal.throwIfAborted();
      reason = error instanceof Deno.errors.ConnectionRefused ? "connection refused" : "no connection";
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }
  throw new Failure(reason);
}

/** Closes a connection, whatever state it is in. */
function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It was closed already.
  }
}

// --- The little HTTP that is needed ----------------------------------------------------------------------------------

function writeRequest({ url }: Target, request: Pick<OutboundRequest, "headers" | "body">): Uint8Array {
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
  const message = new Uint8Array(start.byteLength + body.byteLength);
  message.set(start);
  message.set(body, start.byteLength);
  return message;
}

async function exchange(connection: Deno.Conn, message: Uint8Array, maxBytes: number): Promise<OutboundResult> {
  // An answer may come before the request is read to its end; whether writing failed, the answer or its lack shows.
  const writing = writeAll(connection, message).catch(() => undefined);
  try {
    const reader = new ByteReader(connection);
    const head = await readHead(reader);
    const { bytes, isCut } = await collect(bodyParts(reader, head), maxBytes);
    return { kind: "answered", ...head, body: new TextDecoder().decode(bytes), isCut };
  } finally {
    close(connection);
    await writing;
  }
}

async function writeAll(connection: Deno.Conn, message: Uint8Array): Promise<void> {
  for (let written = 0; written < message.byteLength; ) written += await connection.write(message.subarray(written));
}

interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
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
