import { paths } from "../../base/paths.ts";
import { StackError } from "../../base/stack-error.ts";
import type { StackDatabase } from "../database/stack-database.ts";
import type { FunctionHost } from "../functions/host.ts";
import type { Tokens } from "../gateway/tokens.ts";
import type { StackKeys } from "../keys.ts";
import type { Listener } from "../listen.ts";
import type { Mailbox } from "../mailbox.ts";
import type { ApiServers } from "../rest/servers.ts";
import { readSettings, type StackSettings } from "../settings.ts";
import type { StackOptions, StartStep } from "../start-stack.ts";

/** What the steps of a start hand to each other: each part is there once its step has run. */
export interface Parts {
  keys: StackKeys;
  tokens: Tokens;
  database: StackDatabase;
  servers: ApiServers;
  gateway: Listener;
  functions: FunctionHost | undefined;
  mailbox: Mailbox;
  studio: Listener | undefined;
  hasDemoPartners: boolean;
}

/** A start under way: what was asked for, what has been opened, and how all of it is closed again. */
export class Start {
  readonly options: StackOptions;
  readonly settings: StackSettings = readSettings();
  readonly dataDir: string;
  readonly port: number;
  readonly studioPort: number;
  readonly log: (line: string) => void;
  readonly parts = { hasDemoPartners: false } as Parts;
  readonly #closers: (() => Promise<void> | void)[] = [];
  #running: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(options: StackOptions) {
    this.options = options;
    this.dataDir = options.dataDir ?? paths.local;
    this.port = options.port ?? this.settings.api.port;
    this.studioPort = options.studioPort ?? (options.port === 0 ? 0 : this.settings.studio.port);
    this.log = options.log ?? (() => undefined);
  }

  /** Where the gateway can be reached. */
  get publicUrl(): string {
    return `http://127.0.0.1:${this.parts.gateway.port}`;
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
