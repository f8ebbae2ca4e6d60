import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { messageOf, StackError } from "../../base/stack-error.ts";
import { json } from "../gateway/json.ts";
import type { Tokens } from "../gateway/tokens.ts";
import { watchFiles } from "../reload/watch-files.ts";
import { readSettings } from "../settings.ts";
import { type FunctionSource, listFunctions } from "./catalogue.ts";
import { cacheFunction } from "./deno.ts";
import { FunctionWorker } from "./worker.ts";

export interface FunctionHostOptions {
  /** Folder of the functions, `supabase/functions`. */
  root: string;
  /** The config.toml that says which functions ask for a token. */
  configToml: string;
  tokens: Tokens;
  /** What every function finds in its environment; asked for when a function starts. */
  environment: () => Readonly<Record<string, string>>;
  log: (line: string) => void;
}

/**
 * Serves `/functions/v1/<name>`: one Deno process per function, started by its first request, started again by the
 * next request after a crash, and at once after a change of its sources.
 */
export class FunctionHost {
  readonly #options: FunctionHostOptions;
  #sources: ReadonlyMap<string, FunctionSource>;
  #settings: ReturnType<typeof readSettings>["functions"];
  readonly #workers = new Map<string, FunctionWorker>();
  /** Replaced ones that still answer what they were asked. */
  readonly #retired = new Set<FunctionWorker>();
  readonly #lastFailures = new Map<string, string>();
  readonly #socketDirectory = mkdtempSync(join(tmpdir(), "nh-functions-"));
  #endWatching: () => Promise<void> = () => Promise.resolve();
  #following: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(options: FunctionHostOptions) {
    this.#options = options;
    this.#sources = this.#list();
    this.#settings = readSettings(options.configToml).functions;
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
      await this.#cache(source);
    }
  }

  /** Follows the sources: changed functions start again, new ones answer, removed ones are not found any more. */
  async watchSources(): Promise<void> {
    const { root, configToml } = this.#options;
    this.#endWatching = await watchFiles([root, configToml], (files) => this.#reload(files));
  }

  /** Answers one request to `/functions/v1/<name>/…`. */
  async handle(request: Request, name: string): Promise<Response> {
    if (!this.#sources.has(name)) return json(404, { code: "NOT_FOUND", message: "Requested function was not found" });
    const refused = await this.#refuseToken(request, name);
    if (refused) return refused;

    const url = new URL(request.url);
    const path = url.pathname.slice("/functions/v1".length) + url.search;
    let worker: FunctionWorker;
    try {
      worker = await this.#readyWorker(name);
    } catch (error) {
      this.#tellFailure(name, error);
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
    this.#closing.abort();
    await this.#endWatching();
    const workers = [...this.#workers.values(), ...this.#retired];
    this.#workers.clear();
    await Promise.all([this.#following, ...workers.map((worker) => worker.stop())]);
    rmSync(this.#socketDirectory, { recursive: true, force: true });
  }

  #list(): ReadonlyMap<string, FunctionSource> {
    return new Map(listFunctions(this.#options.root).map((source) => [source.name, source]));
  }

  #reload(files: readonly string[]): void {
    const { configToml, log } = this.#options;
    try {
      this.#settings = readSettings(configToml).functions;
    } catch (error) {
      log(`✖ ${messageOf(error)}`);
    }
    const before = this.#sources;
    this.#sources = this.#list();
    for (const name of before.keys()) {
      if (this.#sources.has(name)) continue;
      this.#retire(name);
      log(`✔ functions/${name} is gone`);
    }
    const changed = files.filter((file) => file !== configToml && !/\.(?:test\.ts|md)$/u.test(file));
    // Not one after the other: what never starts must not keep its mended successor from starting.
    const follows = [...this.#sources.values()].map((source) => this.#follow(source, before, changed));
    this.#following = Promise.all([this.#following, ...follows]);
  }

  async #follow(
    source: FunctionSource,
    before: ReadonlyMap<string, FunctionSource>,
    changed: readonly string[],
  ): Promise<void> {
    const { root, log } = this.#options;
    const folders = [...this.#sources.values(), ...before.values()].map(({ directory }) => directory + sep);
    const isShared = (file: string) =>
      file.startsWith(root + sep) && !folders.some((folder) => file.startsWith(folder));
    const own = changed.filter((file) => file.startsWith(source.directory + sep));
    const isNew = !before.has(source.name);
    if (own.length === 0 && !changed.some(isShared) && !isNew) return;
    const wasRunning = this.#retire(source.name);
    this.#lastFailures.delete(source.name);
    // Started at once, so that a mistake is told now and the first answer is quick.
    if (own.length === 0 && !wasRunning && !isNew) return;
    const began = performance.now();
    const mayNeedPackages = isNew || own.some((file) => file.endsWith("deno.json"));
    if (!(await this.#starts(source, mayNeedPackages))) return;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    log(`✔ functions/${source.name} ${isNew ? "is new" : "started again"} (${seconds} s)`);
  }

  /** Tells whether a function starts, and says why not. */
  async #starts(source: FunctionSource, mayNeedPackages: boolean): Promise<boolean> {
    try {
      await this.#readyWorker(source.name);
      return true;
    } catch (error) {
      if (mayNeedPackages) return (await this.#cache(source)) && this.#starts(source, false);
      this.#tellFailure(source.name, error);
      return false;
    }
  }

  /** Tells whether a function's packages are there now, and says why not. */
  async #cache(source: FunctionSource): Promise<boolean> {
    try {
      await cacheFunction(source, this.#closing.signal);
      return true;
    } catch (error) {
      this.#tellFailure(source.name, error);
      return false;
    }
  }

  /** Takes a function's process away from new requests; tells whether it had one. */
  #retire(name: string): boolean {
    const worker = this.#workers.get(name);
    if (worker === undefined) return false;
    this.#workers.delete(name);
    this.#retired.add(worker);
    void worker.retire().finally(() => this.#retired.delete(worker));
    return true;
  }

  /** Says why a function does not start, not again and again with each request. */
  #tellFailure(name: string, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const message = messageOf(error);
    if (this.#lastFailures.get(name) !== message) this.#options.log(`✖ ${message}`);
    this.#lastFailures.set(name, message);
  }

  async #refuseToken(request: Request, name: string): Promise<Response | undefined> {
    const verifyJwt = this.#settings[name]?.verify_jwt ?? true;
    if (!verifyJwt || request.method === "OPTIONS") return undefined;
    const authorization = request.headers.get("authorization");
    if (authorization === null) return json(401, { code: 401, message: "Missing authorization header" });
    const checked = await this.#options.tokens.check(authorization.replace(/^bearer\s+/i, ""));
    return "refusal" in checked ? json(401, { code: 401, message: "Invalid JWT" }) : undefined;
  }

  /** One that takes requests; when its source changes while it starts, the one of the new source. */
  async #readyWorker(name: string): Promise<FunctionWorker> {
    const source = this.#sources.get(name);
    if (source === undefined) throw new StackError(`function ${name} was removed while it started`);
    const worker = await this.#workerFor(source);
    try {
      await worker.ready;
      return worker;
    } catch (error) {
      if (worker.isReplaced) return this.#readyWorker(name);
      throw error;
    }
  }

  async #workerFor(source: FunctionSource): Promise<FunctionWorker> {
    const running = this.#workers.get(source.name);
    if (running && (await running.canServe())) return running;
    // While we asked, another request may have started a new one.
    const newer = this.#workers.get(source.name);
    if (newer && newer !== running) return newer;
    if (this.#closing.signal.aborted) throw new StackError("the functions are stopping");
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
}
