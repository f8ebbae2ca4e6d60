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
import { type AddressOptions, Failure, findTarget, type Target } from "./outbound-address.ts";
import { close, exchange, type HttpAnswer, type HttpRequest, writeRequest } from "./outbound-http.ts";
import { abortable } from "./std.ts";

/** What became of a request. */
export type OutboundResult =
  | ({ readonly kind: "answered" } & HttpAnswer)
  /** Nothing reached the other side: refused address, DNS, no connection, TLS. */
  | { readonly kind: "not_sent"; readonly reason: string }
  /** Sent, but without a whole answer: it may have been processed. */
  | { readonly kind: "unknown"; readonly reason: string };

/** One request. */
export interface OutboundRequest extends HttpRequest {
  readonly url: string;
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
export interface OutboundOptions extends AddressOptions {
  /** Certificate authorities (PEM) that are trusted besides the system's. */
  readonly authorities?: readonly string[];
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_BYTES = 64 * 1024;
/** An address that does not answer must not use up the time of those behind it. */
const CONNECT_TIMEOUT_MS = 3_000;
const MAX_ADDRESSES = 3;

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
          const message = writeRequest(target.url, request);
          const connection = await connect(target, options, signal);
          // What is being read or written fails when the connection is closed.
          signal.addEventListener("abort", () => close(connection));
          try {
            signal.throwIfAborted();
            isSent = true;
            return { kind: "answered", ...(await exchange(connection, message, maxBytes)) };
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
    return await abortable(work(controller.signal), controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown, otherwise: string): string {
  return error instanceof Failure ? error.message : otherwise;
}

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
    await abortable(secure.handshake(), signal);
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
    const opening = Deno.connect({ hostname, port });
    try {
      return await abortable(opening, attempt.signal);
    } catch (error) {
      // What opens too late is dropped.
      opening.then(close, () => undefined);
      signal.throwIfAborted();
      reason = error instanceof Deno.errors.ConnectionRefused ? "connection refused" : "no connection";
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }
  throw new Failure(reason);
}
