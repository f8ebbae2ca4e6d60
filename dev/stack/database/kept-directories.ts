import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { paths } from "../../base/paths.ts";
import { takeLock } from "../../base/process-lock.mjs";

/** The prepared template and the migrated ones of a few branches. */
const MOST_KEPT = 4;
/** What a process that was killed has left is no longer being written. */
const LONGEST_WRITE_MS = 60 * 60_000;
const ENDING = ".tar";
/** Nobody waits longer for another process that makes the same; on a busy machine it takes two minutes. */
const LONGEST_MAKING_MS = 5 * 60_000;
const LOOK_AGAIN_MS = 200;

/**
 * Packed data directories of databases, by version, in a folder that several processes use at once. Those that
 * were used last stay.
 */
export class KeptDirectories {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The directory of this version, or undefined when none is kept. */
  read(version: string): Blob | undefined {
    const file = this.#file(version);
    const content = readIfThere(file);
    if (content === undefined) return undefined;
    const now = new Date();
    // what is used is not old; it may have been removed since it was read
    if (statSync(file, { throwIfNoEntry: false }) !== undefined) utimesSync(file, now, now);
    return new Packed(content);
  }

  /** The directory of this version, which is made where none is kept: by one process, while the others wait for it. */
  async readOrMake(version: string, make: () => Promise<ArrayBuffer>): Promise<Blob> {
    const turn = await this.readOrTakeTurn(version);
    if (turn instanceof Blob) return turn;
    try {
      return this.keep(version, await make());
    } finally {
      turn();
    }
  }

  /** The directory of this version, waited for where another process makes it; else the caller makes it, and then calls this. */
  async readOrTakeTurn(version: string): Promise<Blob | (() => void)> {
    for (;;) {
      const there = this.read(version);
      if (there !== undefined) return there;
      const release = takeLock(join(this.#folder, `${version}.lock`), LONGEST_MAKING_MS);
      if (release === undefined) await setTimeout(LOOK_AGAIN_MS);
      // it may have been made between the look and the lock
      else if (existsSync(this.#file(version))) release();
      else return release;
    }
  }

  /**
   * Keeps a directory for all who ask for this version, and cleans up.
   *
   * @param origin what it was made from, for {@link newest}.
   */
  keep(version: string, content: ArrayBuffer, origin?: string): Blob {
    mkdirSync(this.#folder, { recursive: true });
    replaceFile(this.#file(version), new Uint8Array(content));
    if (origin !== undefined) replaceFile(this.#origin(version), origin);
    this.#removeOld();
    return new Blob([content]);
  }

  /** Version and origin of the directory whose version begins like this, and that was used last. */
  newest(beginning: string): [version: string, origin: string] | undefined {
    for (const version of this.#versions()) {
      const origin = version.startsWith(beginning) ? readIfThere(this.#origin(version)) : undefined;
      if (origin !== undefined) return [version, origin.toString("utf8")];
    }
    return undefined;
  }

  /** The one that was used last first. */
  #versions(): string[] {
    mkdirSync(this.#folder, { recursive: true });
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(ENDING))
      .toSorted((one, other) => this.#lastUse(other) - this.#lastUse(one))
      .map((name) => name.slice(0, -ENDING.length));
  }

  #removeOld(): void {
    const kept = new Set(this.#versions().slice(0, MOST_KEPT));
    for (const name of readdirSync(this.#folder)) {
      const [, version] = /^(.*)\.(?:tar|json)$/u.exec(name) ?? [];
      const isOld = version === undefined ? Date.now() - this.#lastUse(name) > LONGEST_WRITE_MS : !kept.has(version);
      if (isOld) rmSync(join(this.#folder, name), { force: true });
    }
  }

  /** 0 when another process has just removed it. */
  #lastUse(name: string): number {
    return statSync(join(this.#folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }

  #file(version: string): string {
    return join(this.#folder, `${version}${ENDING}`);
  }

  #origin(version: string): string {
    return join(this.#folder, `${version}.json`);
  }
}

/** A short name for these texts in this order. */
export const versionOf = (texts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 16);

/** Changes whenever a database would be prepared, or remember its migrations, differently. */
export function preparationVersion(): string {
  const sources = ["prepare.ts", "auth-tables.ts", "storage-tables.ts", "migrate.ts", "history.ts"].map((file) =>
    join(import.meta.dirname, file),
  );
  const packages = ["@electric-sql/pglite", "@electric-sql/pglite-postgis", "@supabase/lite"].map((name) =>
    join(paths.nodeModules, name, "package.json"),
  );
  return versionOf([...sources, ...packages].map((file) => readFileSync(file, "utf8")));
}

/** Two first starts at once each write their own file; the rename is atomic. */
export function replaceFile(file: string, content: string | Uint8Array): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined; // or cleaned up by another process
    throw error;
  }
}

/** A blob that hands out its content without a copy, which would take as long as unpacking. */
class Packed extends Blob {
  readonly #content: Buffer;

  constructor(content: Buffer) {
    super([]);
    this.#content = content;
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const { buffer, byteLength } = this.#content;
    // a large file has a buffer of its own, which nobody else has: it was read for this blob
    return (byteLength === buffer.byteLength ? buffer : new Uint8Array(this.#content).buffer) as ArrayBuffer;
  }
}
