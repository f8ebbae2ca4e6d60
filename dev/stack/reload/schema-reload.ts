import { join } from "node:path";
import { messageOf } from "../../base/stack-error.ts";
import { type Changes, changesBetween } from "../../schemas/changes.ts";
import { areFrozen, NEXT_MIGRATION } from "../../schemas/frozen.ts";
import { migrationFile, migrationOf } from "../../schemas/migration.ts";
import { type Room, readRooms, type SchemaFile } from "../../schemas/rooms.ts";
import { writeMigrations } from "../../schemas/write-migrations.ts";
import { applyChanges, roomsAsApplied } from "../database/change-in-place.ts";
import { migrationFrom, readHistory, readMigrations } from "../database/history.ts";
import type { StackDatabase } from "../database/stack-database.ts";

/** How long a change waits for the locks of others before it lets them pass. */
const LOCK_TIMEOUT_MS = 2000;
/** After this it says that it waits. */
const PATIENCE_MS = 1500;
const PAUSE_MS = 500;

export interface SchemaReloadOptions {
  readonly database: StackDatabase;
  /** Folder with `config.toml`, `schemas/`, `migrations/` and `rollbacks/`. */
  readonly supabase: string;
  /** Called when what callers see of the database has changed. */
  readonly onChanged: () => Promise<void>;
  readonly log: (line: string) => void;
}

/**
 * Brings a running database to what `supabase/schemas` says, as far as that goes in place: all of it in one transaction, or
 * nothing. The migrations are written along, so that the next start and the next commit agree with it.
 */
export class SchemaReload {
  readonly #options: SchemaReloadOptions;
  #rooms: readonly Room[] = [];
  #running: Promise<void> = Promise.resolve();
  #isWaiting = false;
  #isClosed = false;
  #hasSaidThatItWaits = false;

  private constructor(options: SchemaReloadOptions) {
    this.#options = options;
  }

  /** Begins with what the database was built from. */
  static async open(options: SchemaReloadOptions): Promise<SchemaReload> {
    const reload = new SchemaReload(options);
    const migrations = readMigrations(join(options.supabase, "migrations"));
    const history = await options.database.asOwner((session) => readHistory(session));
    // Once migrations are frozen, later ones say in other words what the schemas say; a check holds them together.
    const applied = areFrozen(options.supabase) ? undefined : roomsAsApplied(history, migrations);
    const rooms = applied ?? readRooms(options.supabase);
    reload.#rooms = rooms;
    // Parsed ahead, so that the first save is answered as soon as the later ones.
    reload.#running = changesBetween(rooms, rooms).then(() => undefined);
    return reload;
  }

  /** Looks at the schemas again, after what is under way; any number of saves until then is one. */
  request(): Promise<void> {
    if (!this.#isWaiting && !this.#isClosed) {
      this.#isWaiting = true;
      this.#running = this.#running.then(() => this.#run());
    }
    return this.#running;
  }

  /** Lets what is under way end, if that is soon: a transaction that waits for others is given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.race([this.#running, pause(LOCK_TIMEOUT_MS)]);
  }

  async #run(): Promise<void> {
    this.#hasSaidThatItWaits = false;
    for (;;) {
      this.#isWaiting = false;
      if (this.#isClosed) return;
      try {
        return await this.#reload();
      } catch (error) {
        if (this.#isClosed) return;
        if (!isLocked(error)) return this.#options.log(`✖ ${messageOf(error)}; the database stays as it was`);
        this.#sayThatItWaits();
        await pause(PAUSE_MS);
      }
    }
  }

  async #reload(): Promise<void> {
    const { supabase, log, onChanged } = this.#options;
    const began = performance.now();
    const rooms = this.#readRooms();
    const changes = await changesBetween(this.#rooms, rooms);
    const [obstacle, ...more] = changes.needsNewDatabase;
    if (obstacle !== undefined) {
      const others = more.length === 0 ? "" : ` and ${more.length} more`;
      log(`✖ ${obstacle}${others}: needs a new database, nothing was changed; npm start -- --fresh makes one`);
    } else if (await this.#apply(changes, rooms)) {
      this.#rooms = rooms;
      if (changes.steps.length > 0) {
        if (changes.changesSignatures) await onChanged();
        const next = areFrozen(supabase) ? `; for everybody else: ${NEXT_MIGRATION}` : "";
        log(`✔ ${sentence(changes.summary)} (${((performance.now() - began) / 1000).toFixed(1)} s)${next}`);
      }
    }
    // A new database is made from them, too.
    await writeMigrations(rooms, supabase);
  }

  /** Tells whether it was done; when it closes meanwhile, it is not. */
  async #apply(changes: Changes, rooms: readonly Room[]): Promise<boolean> {
    const { database, supabase } = this.#options;
    const [had, has] = areFrozen(supabase) ? [[], []] : [migrationsOf(this.#rooms), migrationsOf(rooms)];
    const edited = has.filter((one) => !had.some(({ file, sql }) => file === one.file && sql === one.sql));
    const gone = had.filter((one) => !has.some(({ version }) => version === one.version));
    if (changes.steps.length + edited.length + gone.length === 0) return true;
    const patience = setTimeout(() => this.#sayThatItWaits(), PATIENCE_MS);
    try {
      return await database.asOwner(async (session) => {
        if (this.#isClosed) return false;
        await session.script(`set lock_timeout = ${LOCK_TIMEOUT_MS}`);
        await applyChanges(session, changes, edited, gone);
        return true;
      });
    } finally {
      clearTimeout(patience);
    }
  }

  #sayThatItWaits(): void {
    if (!this.#hasSaidThatItWaits) this.#options.log("… waiting for a transaction that is open in the database");
    this.#hasSaidThatItWaits = true;
  }

  /** The rooms now, with the files as they are known where they have not changed. */
  #readRooms(): Room[] {
    const known = new Map(this.#rooms.flatMap(({ files }) => files.map((file) => [file.path, file])));
    const same = (file: SchemaFile): SchemaFile => {
      const before = known.get(file.path);
      return before?.sql === file.sql ? before : file;
    };
    return readRooms(this.#options.supabase).map((room) => ({ ...room, files: room.files.map(same) }));
  }
}

const migrationsOf = (rooms: readonly Room[]) =>
  rooms.map((room, index) => migrationFrom(migrationFile(room, index), migrationOf(room)));

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The first changes, and how many more. */
function sentence(summary: readonly string[]): string {
  const shown = summary.slice(0, 3).join(", ");
  return summary.length > 3 ? `${shown} and ${summary.length - 3} more` : shown;
}

/** Whether somebody else held what was to be changed. */
function isLocked(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
  return code === "55P03" || code === "40P01";
}
