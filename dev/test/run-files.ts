import { spawn } from "node:child_process";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";
import { readRooms } from "../schemas/rooms.ts";
import { writeMigrations } from "../schemas/write-migrations.ts";
import type { StackDatabase } from "../stack/database/stack-database.ts";
import { DENO, denoEnvironment } from "../stack/functions/deno.ts";
import { withoutComment } from "../stack/pgtap/comments.ts";
import { printFile } from "../stack/pgtap/print-file.ts";
import { runPgTap } from "../stack/pgtap/run.ts";
import { type DatabaseKind, withThrowawayDatabase } from "../stack/pgtap/throwaway.ts";
import { type ChosenFiles, hasDatabase, needsServer } from "./chosen-files.ts";
import { denoTest } from "./steps.ts";

/**
 * Runs files or folders of tests and nothing else, and prints what they print. Migrations that the schemas have outgrown
 * are written first.
 *
 * @param kind the database where there is a choice.
 * @returns whether everything passed.
 * @throws StackError when tests cannot run: no SQL, no such database.
 */
export async function runFiles(chosen: readonly ChosenFiles[], kind: DatabaseKind): Promise<boolean> {
  if (chosen.some(hasDatabase) && (await writeMigrations(readRooms(), paths.supabase))) {
    console.log("supabase/schemas has changed: supabase/migrations and supabase/rollbacks were written");
  }
  const results: boolean[] = [];
  const patterns = chosen.flatMap((files) => (files.runner === "pgtap" ? [files.pattern] : []));
  if (patterns.length > 0) results.push(await runSql(patterns, kind));
  for (const [project, files] of Map.groupBy(chosen, (one) => (one.runner === "vitest" ? one.project : undefined))) {
    if (project === undefined) continue;
    const database = files.some(needsServer) ? "cluster" : kind;
    const names = files.flatMap((one) => (one.runner === "vitest" ? [one.path] : []));
    const vitest = join(paths.nodeModules, "vitest/vitest.mjs");
    results.push(
      await run(process.execPath, [vitest, "run", "--project", project, ...names], {
        TEST_DATABASE: database,
        TEST_COPY: "adapted",
      }),
    );
  }
  for (const files of chosen) {
    if (files.runner === "deno") results.push(await run(DENO, denoTest(files.path), denoEnvironment()));
  }
  return results.every(Boolean);
}

async function runSql(patterns: readonly string[], kind: DatabaseKind): Promise<boolean> {
  const test = async (database: StackDatabase) => ({
    ...(await runPgTap(database, { patterns, onFile: printFile })),
    silent: await withoutComment(database),
  });
  const { passed, failures, silent } = await withThrowawayDatabase(kind, test, true);
  for (const name of silent) console.log(`Notice: ${name} has no comment`);
  console.log(`pgTAP on ${kind}: ${passed} passed, ${failures.length} failed`);
  return failures.length === 0;
}

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<boolean> {
  const child = spawn(program, args, { cwd: paths.root, env: { ...process.env, ...env }, stdio: "inherit" });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.once("SIGINT", forward).once("SIGTERM", forward);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new StackError(`${program} cannot be started: ${error.message}`)));
    child.once("close", (code) => resolve(code === 0));
  });
}
