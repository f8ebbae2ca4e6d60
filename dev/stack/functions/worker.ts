import { type ChildProcess, spawn } from "node:child_process";
import http from "node:http";
import { connect } from "node:net";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { StackError } from "../../base/stack-error.ts";
import { newWorkerAddress, type WorkerAddress } from "./address.ts";
import type { FunctionSource } from "./catalogue.ts";
import { BOOT, configurationArguments, DENO, denoEnvironment } from "./deno.ts";

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 3_000;
/** How long requests under way keep a process that has been replaced. */
const RETIRE_TIMEOUT_MS = 10_000;

export interface WorkerOptions {
  source: FunctionSource;
  /** Root of all functions: a function may read its neighbours in `_shared`. */
  functionsRoot: string;
  socketDirectory: string;
  /** Decides how it is reached; only a test has another one than its machine's. */
  platform?: NodeJS.Platform;
  environment: Readonly<Record<string, string>>;
  /** Gets every line the function prints. */
  log: (line: string) => void;
}

/** One Deno process that serves one function on an address of its own, with no more rights than that takes. */
export class FunctionWorker {
  static #started = 0;
  readonly #process: ChildProcess;
  readonly #address: WorkerAddress;
  /** Resolves when the function takes requests, rejects when it cannot start. */
  readonly ready: Promise<void>;
  readonly #exited: Promise<void>;
  readonly #complaints: string[] = [];
  readonly #log: (line: string) => void;
  readonly #name: string;
  #isListening = false;
  #isReplaced = false;
  #requests = 0;

  constructor({ source, functionsRoot, socketDirectory, platform, environment, log }: WorkerOptions) {
    // A socket of its own: the predecessor of a restarted function may still be taking its socket away.
    FunctionWorker.#started += 1;
    this.#address = newWorkerAddress(socketDirectory, `${source.name}-${FunctionWorker.#started}`, platform);
    const { denoServeAddress, files } = this.#address;
    this.#process = spawn(
      DENO,
      [
        "run",
        "--quiet",
        "--no-prompt",
        "--no-lock",
        "--cached-only",
        ...configurationArguments(source),
        "--allow-net",
        "--allow-env",
        `--allow-read=${[functionsRoot, ...files].join(",")}`,
        ...(files.length === 0 ? [] : [`--allow-write=${files.join(",")}`]),
        // Named here its packages are chosen together, as in its bundle; by a later import each would get peers of its own.
        `--preload=${source.entry}`,
        BOOT,
        pathToFileURL(source.entry).href,
      ],
      {
        cwd: source.directory,
        env: { ...denoEnvironment(), ...environment, DENO_SERVE_ADDRESS: denoServeAddress },
        // The open stdin is the lifeline: it closes when this process dies, however that happens.
        stdio: ["pipe", "pipe", "pipe"],
      },
    );
    this.#name = source.name;
    this.#log = log;
    forEachLine(this.#process.stdout, (line) => log(`[${source.name}] ${line}`));
    forEachLine(this.#process.stderr, (line) => this.#hear(line));
    this.#exited = new Promise((resolve) => {
      // by then everything it said was heard, too
      this.#process.once("close", () => resolve());
      this.#process.once("error", () => resolve());
    });
    this.ready = this.#waitForSocket();
    // The request that started the worker reports the failure; nobody else may be waiting yet.
    this.ready.catch(() => undefined);
  }

  /**
   * Whether a request can be sent: it is starting or takes connections. A crashed process closes its socket a moment
   * before its end is reported, so only the socket tells.
   */
  async canServe(): Promise<boolean> {
    if (!this.#isAlive || !this.#isListening) return this.#isAlive;
    return this.#takesConnections();
  }

  #takesConnections(): Promise<boolean> {
    return new Promise((resolve) => {
      const probe = connect(this.#address.target);
      probe.once("connect", () => resolve(true)).once("error", () => resolve(false));
      probe.once("connect", () => probe.destroy());
    });
  }

  get #isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid !== undefined;
  }

  /** Passes a request on to a function that is ready; `path` is what the function sees, `/<name>/…`. */
  async fetch(request: Request, path: string): Promise<Response> {
    // Read before it is passed on: a function that refuses without reading closes the connection, and what is still being
    // sent then would take the answer with it. The gateway limits its size.
    const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
    this.#requests += 1;
    return new Promise((resolve, reject) => {
      const outgoing = http.request(
        {
          ...this.#address.target,
          // a kept connection may be the one that Deno is closing after it refused a large body
          agent: false,
          path,
          method: request.method,
          headers: Object.fromEntries(request.headers),
          signal: request.signal,
        },
        (incoming) => resolve(toResponse(incoming)),
      );
      // A crash breaks the connection before the process has ended: whoever asks again must find it gone.
      outgoing.on("error", (error) => {
        if (request.signal.aborted) reject(error);
        else void Promise.race([this.#exited, pause(STOP_TIMEOUT_MS)]).then(() => reject(error));
      });
      outgoing.once("close", () => {
        this.#requests -= 1;
      });
      outgoing.end(body);
    });
  }

  /** Whether it ends because there is something newer to ask. */
  get isReplaced(): boolean {
    return this.#isReplaced;
  }

  /** Ends the process once the requests under way have their answers, or have taken long enough. */
  async retire(): Promise<void> {
    this.#isReplaced = true;
    const deadline = Date.now() + RETIRE_TIMEOUT_MS;
    while (this.#requests > 0 && this.#isAlive && Date.now() < deadline) await pause();
    await this.stop();
  }

  /** Ends the process, by force when it does not listen. */
  async stop(): Promise<void> {
    if (this.#isAlive) {
      this.#process.kill("SIGTERM");
      const force = setTimeout(() => this.#process.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await this.#exited;
      clearTimeout(force);
    }
    this.#address.remove();
  }

  /** Ends the process at once, as a crash would; tells whether it was still running. */
  async kill(): Promise<boolean> {
    const wasAlive = this.#isAlive;
    this.#process.kill("SIGKILL");
    await this.#exited;
    this.#address.remove();
    return wasAlive;
  }

  /** What it says about a failing start becomes the one line of the failure. */
  #hear(line: string): void {
    if (this.#isListening) this.#log(`[${this.#name}] ${line}`);
    else this.#complaints.push(line);
  }

  async #waitForSocket(): Promise<void> {
    const name = this.#name;
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.#takesConnections())) {
      if (!this.#isAlive) {
        await this.#exited;
        throw new StackError(`function ${name} ended while it started: ${summaryOf(this.#complaints)}`);
      }
      if (Date.now() > deadline) {
        this.#process.kill("SIGKILL");
        throw new StackError(`function ${name} did not start to listen within ${START_TIMEOUT_MS / 1000} s`);
      }
      await pause();
    }
    this.#isListening = true;
    for (const line of this.#complaints) this.#hear(line);
  }
}

function toResponse(incoming: http.IncomingMessage): Response {
  const headers = new Headers();
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    const [name, value] = incoming.rawHeaders.slice(index, index + 2);
    // The gateway frames the answer itself.
    if (name !== undefined && value !== undefined && !/^(connection|transfer-encoding|keep-alive)$/i.test(name)) {
      headers.append(name, value);
    }
  }
  const status = incoming.statusCode ?? 502;
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  return new Response(hasBody ? (Readable.toWeb(incoming) as ReadableStream<Uint8Array>) : null, { status, headers });
}

function forEachLine(stream: Readable | null, hear: (line: string) => void): void {
  stream?.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.split("\n")) if (line.trim() !== "") hear(line);
  });
}

/** What Deno says about a source, and the place in it. */
function summaryOf(complaints: readonly string[]): string {
  const message = complaints[0]?.replace(/^error: (?:Uncaught )?/u, "") ?? "it says nothing";
  const place = complaints.find((line) => line.includes("file://"))?.match(/file:\/\/[^\s)]+/u)?.[0];
  return place === undefined || message.includes(place) ? message : `${message} at ${place}`;
}

const pause = (milliseconds = 20): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
