import { existsSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../../base/paths.ts";
import { StackError } from "../../base/stack-error.ts";
import type { AppBuild } from "../app/build.ts";
import { reachableDirectory } from "../database/os-user.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import type { Door } from "../door/door.ts";
import type { FunctionHost } from "../functions/host.ts";
import type { Tokens } from "../gateway/tokens.ts";
import type { StackKeys } from "../keys.ts";
import type { Listener } from "../listen.ts";
import type { Mailbox } from "../mailbox.ts";
import type { ApiServers } from "../rest/servers.ts";
import { readSettings, type StackSettings } from "../settings.ts";
import type { StackOptions, StartStep } from "../start-stack.ts";
import { appPort, choosePorts, type PortName } from "./ports.mjs";

/** What the steps of a start hand to each other: each part is there once its step has run. */
export interface Parts {
  keys: StackKeys;
  tokens: Tokens;
  database: StackDatabase;
  servers: ApiServers;
  gateway: Listener;
  functions: FunctionHost | undefined;
  mailbox: Mailbox;
  door: Door | undefined;
  studio: Listener | undefined;
  app: Listener | undefined;
  appBuild: AppBuild | undefined;
  /** Lets Studio see what has changed in the catalogue. */
  refreshStudio: (() => void) | undefined;
  hasDemoPartners: boolean;
}

/** A start under way: what was asked for, what has been opened, and how all of it is closed again. */
export class Start {
  readonly options: StackOptions;
  /** Folder `supabase/` of the project. */
  readonly supabase: string;
  readonly dataDir: string;
  readonly ports: Readonly<Record<PortName, number>>;
  readonly log: (line: string) => void;
  readonly parts = { hasDemoPartners: false } as Parts;
  readonly #settings: StackSettings;
  readonly #closers: (() => Promise<void> | void)[] = [];
  #running: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(options: StackOptions) {
    this.options = options;
    this.supabase = options.supabase ?? paths.supabase;
    this.#settings = readSettings(join(this.supabase, "config.toml"));
    this.dataDir = options.dataDir ?? paths.local;
    const { api, db, studio, auth } = this.#settings;
    const configured = { api: api.port, database: db.port, studio: studio.port, app: appPort(auth.site_url) };
    this.ports = choosePorts(configured, {
      api: options.port,
      database: options.databasePort,
      studio: options.studioPort,
      app: options.appPort,
    });
    this.log = options.log ?? (() => undefined);
  }

  /** The ports that this start will listen on. */
  get usedPorts(): Partial<Record<PortName, number>> {
    const { api, database, studio, app } = this.ports;
    const { options, dataDir } = this;
    // a server that a killed start has left on our own data is stopped by the next one
    const isLeftover =
      options.database === "cluster" &&
      existsSync(join(reachableDirectory(join(dataDir, "cluster")), "data/postmaster.pid"));
    return {
      api,
      ...(this.ownsDatabase && !isLeftover ? { database } : {}),
      ...(options.studio === false ? {} : { studio }),
      ...(options.app === true ? { app } : {}),
    };
  }

  /** What `config.toml` says; where it leads people to the app, to the one that runs here. */
  get settings(): StackSettings {
    const { appUrl } = this;
    if (appUrl === undefined) return this.#settings;
    const { auth } = this.#settings;
    const places = [appUrl, appUrl.replace("127.0.0.1", "localhost")].flatMap((url) => [url, `${url}/**`]);
    const additional_redirect_urls = [...auth.additional_redirect_urls, ...places];
    return { ...this.#settings, auth: { ...auth, site_url: appUrl, additional_redirect_urls } };
  }

  /** Where the app can be reached, if it is served. */
  get appUrl(): string | undefined {
    return this.parts.app && `http://127.0.0.1:${this.parts.app.port}`;
  }

  /** Where the gateway can be reached. */
  get publicUrl(): string {
    return `http://127.0.0.1:${this.parts.gateway.port}`;
  }

  /** Whether the database is run by this stack, not a server that was there before. */
  get ownsDatabase(): boolean {
    return typeof this.options.database !== "object";
  }

  /** Where Storage keeps the files that this database knows of. */
  get storageFolder(): string {
    const { database = "embedded" } = this.options;
    return join(this.dataDir, "storage", typeof database === "object" ? "server" : database);
  }

  /** Where the database can be reached, as its owner. */
  get databaseUrl(): string {
    const { database, door } = this.parts;
    const url = database.url ?? door?.url;
    if (url === undefined) throw new StackError("the database has no address yet");
    return url;
  }

  /** Remembers how to close what a step has opened. */
  onStop(close: () => Promise<void> | void): void {
    this.#closers.push(close);
  }

  /** Closes everything; safe to call twice. */
  readonly stop = (): Promise<void> => {
    const close = () => closeAll(this.#closers);
    // What a step is just opening can only be closed when it is open.
    this.#stopped ??= this.#running.then(close, close);
    return this.#stopped;
  };

  /** The step, refused once the start was stopped. */
  interruptible({ title, run }: StartStep): StartStep {
    return {
      title,
      run: (report) => {
        if (this.#stopped !== undefined) throw new StackError("the start was interrupted");
        this.#running = run(report);
        return this.#running;
      },
    };
  }
}

/** Closes in the reverse order of opening; one failure does not keep the rest open. */
async function closeAll(closers: (() => Promise<void> | void)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const close of closers.reverse()) {
    try {
      await close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, "the stack did not stop cleanly");
}
