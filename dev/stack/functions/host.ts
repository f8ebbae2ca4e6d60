import { type FSWatcher, mkdtempSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../base/stack-error.ts";
import { json } from "../gateway/json.ts";
import type { Tokens } from "../gateway/tokens.ts";
import type { StackSettings } from "../settings.ts";
import { type FunctionSource, listFunctions } from "./catalogue.ts";
import { cacheFunction } from "./deno.ts";
import { FunctionWorker } from "./worker.ts";

export interface FunctionHostOptions {
  /** Folder of the functions, `supabase/functions`. */
  root: string;
  settings: StackSettings;
  tokens: Tokens;
  /** What every function finds in its environment; asked for when a function starts. */
  environment: () => Readonly<Record<string, string>>;
  log: (line: string) => void;
}

/**
 * Serves `/functions/v1/<name>`: one Deno process per function, started by its first request, started again by the
 * next request after a crash and after a change of its sources.
 */
export class FunctionHost {
  readonly #options: FunctionHostOptions;
  readonly #sources: ReadonlyMap<string, FunctionSource>;
  readonly #workers = new Map<string, FunctionWorker>();
  readonly #socketDirectory = mkdtempSync(join(tmpdir(), "nh-functions-"));
  #watcher: FSWatcher | undefined;

  constructor(options: FunctionHostOptions) {
    this.#options = options;
    this.#sources = new Map(listFunctions(options.root).map((source) => [source.name, source]));
  }

  /** Names of the functions it serves. */
  get names(): string[] {
    return [...this.#sources.keys()];
  }

  /** Downloads the functions' dependencies; afterwards they start without the network. */
  async cacheDependencies(onFunction: (name: string) => void = () => undefined): Promise<void> {
    // One at a time: they share the cache directory.
    for (const source of this.#sources.values()) {
      onFunction(source.name);
      await cacheFunction(source);
    }
  }

  /** Restarts functions when their sources change. */
  watchSources(): void {
    if (this.#sources.size === 0) return;
    this.#watcher = watch(this.#options.root, { recursive: true }, (_event, file) => {
      if (file !== null && /\.(ts|js|json|sql)$/.test(file)) void this.#stopWorkers();
    });
  }

  /** Answers one request to `/functions/v1/<name>/…`. */
  async handle(request: Request, name: string): Promise<Response> {
    const source = this.#sources.get(name);
    if (!source) return json(404, { code: "NOT_FOUND", message: "Requested function was not found" });
    const refused = await this.#refuseToken(request, name);
    if (refused) return refused;

    const url = new URL(request.url);
    const path = url.pathname.slice("/functions/v1".length) + url.search;
    let worker: FunctionWorker;
    try {
      worker = await this.#workerFor(source);
      await worker.ready;
    } catch (error) {
      this.#options.log(`[${name}] ${messageOf(error)}`);
      return json(503, { code: "BOOT_ERROR", message: "Function failed to start (please check logs)" });
    }
    try {
      return await worker.fetch(request, path);
    } catch (error) {
      // Whoever gave up does not read the answer.
      if (!request.signal.aborted) this.#options.log(`[${name}] ${messageOf(error)}`);
      return json(500, { code: "WORKER_ERROR", message: "Function exited due to an error (please check logs)" });
    }
  }

  /**
   * Ends a function's process by force, in the middle of whatever it does, and waits until it is gone. Its next request
   * starts it again.
   *
   * @returns whether there was a process.
   */
  async kill(name: string): Promise<boolean> {
    const worker = this.#workers.get(name);
    this.#workers.delete(name);
    return worker === undefined ? false : await worker.kill();
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    await this.#stopWorkers();
    rmSync(this.#socketDirectory, { recursive: true, force: true });
  }

  async #refuseToken(request: Request, name: string): Promise<Response | undefined> {
    const verifyJwt = this.#options.settings.functions[name]?.verify_jwt ?? true;
    if (!verifyJwt || request.method === "OPTIONS") return undefined;
    const authorization = request.headers.get("authorization");
    if (authorization === null) return json(401, { code: 401, message: "Missing authorization header" });
    const refusal = await this.#options.tokens.refusal(authorization.replace(/^bearer\s+/i, ""));
    return refusal ? json(401, { code: 401, message: "Invalid JWT" }) : undefined;
  }

  async #workerFor(source: FunctionSource): Promise<FunctionWorker> {
    const running = this.#workers.get(source.name);
    if (running && (await running.canServe())) return running;
    // While we asked, another request may have started a new one.
    const newer = this.#workers.get(source.name);
    if (newer && newer !== running) return newer;
    const worker = new FunctionWorker({
      source,
      functionsRoot: this.#options.root,
      socketDirectory: this.#socketDirectory,
      environment: { ...this.#options.environment(), SUPABASE_FUNCTION_SLUG: source.name },
      log: this.#options.log,
    });
    this.#workers.set(source.name, worker);
    return worker;
  }

  async #stopWorkers(): Promise<void> {
    const workers = [...this.#workers.values()];
    this.#workers.clear();
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}
