import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { paths } from "../../dev/base/paths.ts";

/** A copy of this repository that a test may change and commit to. */
export interface DeployableCopy {
  root: string;
  git(...args: string[]): string;
  /** Writes a migration after the frozen ones, with its rollback. */
  migration(name: string, sql: string, rollback: string): void;
  remove(): void;
}

/** Not copied: what others made, and what is linked instead. */
const LEFT_OUT = new Set([".git", ".cache", ".local", "node_modules", "dist", "bench", "docs", "tests"]);

/** Copies this repository with its working tree, freezes its migrations and commits everything. */
export function copyForDeployment(): DeployableCopy {
  const root = mkdtempSync(join(tmpdir(), "neighbourhood-deploy-"));
  cpSync(paths.root, root, { recursive: true, filter: (file) => !LEFT_OUT.has(relative(paths.root, file)) });
  symlinkSync(paths.nodeModules, join(root, "node_modules"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@example.com", ...args], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    });
  git("init", "--quiet");
  appendFileSync(join(root, ".git/info/exclude"), "node_modules\n*.log\n");
  execFileSync(process.execPath, ["dev/commands/db-freeze.ts"], { cwd: root, stdio: "pipe" });
  git("add", "--all");
  git("commit", "--quiet", "--message", "Frozen");
  return {
    root,
    git,
    migration(name, sql, rollback) {
      writeFileSync(join(root, "supabase/migrations", `${name}.sql`), sql);
      writeFileSync(join(root, "supabase/rollbacks", `${name}.sql`), rollback);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
