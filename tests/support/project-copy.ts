import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "../../dev/base/paths.ts";
import { freezeMigrations } from "../../dev/schemas/frozen.ts";

/** What a command printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** A copy of the repository whose migrations are frozen, for what comes after them. */
export class ProjectCopy {
  readonly root: string;
  readonly supabase: string;
  #files = 0;

  constructor(name: string) {
    this.root = mkdtempSync(join(tmpdir(), `neighbourhood-${name}-`));
    this.supabase = join(this.root, "supabase");
    for (const part of ["dev", "ops", "package.json", "package-lock.json", "supabase"]) {
      cpSync(join(paths.root, part), join(this.root, part), { recursive: true });
    }
    symlinkSync(paths.nodeModules, join(this.root, "node_modules"), "junction");
    freezeMigrations(this.supabase);
  }

  get migrations(): string {
    return join(this.supabase, "migrations");
  }

  /** Writes a migration and its rollback behind all others; returns their name. */
  add(sql: string, rollback: string): string {
    this.#files += 1;
    const file = `${20_300_101_000_000 + this.#files}_tasks_change_${this.#files}.sql`;
    writeFileSync(join(this.migrations, file), sql);
    writeFileSync(join(this.supabase, "rollbacks", file), rollback);
    return file;
  }

  /** Takes away what {@link add} wrote. */
  clear(): void {
    for (const folder of ["migrations", "rollbacks"]) {
      for (const file of readdirSync(join(this.supabase, folder))) {
        if (file.startsWith("2030")) rmSync(join(this.supabase, folder, file));
      }
    }
  }

  /** Runs a program of the copy, such as `ops/rollback/main.ts`. */
  run(program: string, args: readonly string[], url: string): Promise<Outcome> {
    const env = { ...process.env, DATABASE_URL: url, DATABASE_DIRECT_URL: "" };
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(this.root, program), ...args],
        { cwd: this.root, env },
        (error, stdout, stderr) => {
          resolve({
            code: typeof error?.code === "number" ? error.code : error === null ? 0 : 1,
            output: stdout + stderr,
          });
        },
      );
    });
  }

  destroy(): void {
    rmSync(this.root, { recursive: true });
  }
}
