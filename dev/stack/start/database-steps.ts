import { rmSync } from "node:fs";
import { join } from "node:path";
import { messageOf, StackError } from "../../base/stack-error.ts";
import { readRooms } from "../../schemas/rooms.ts";
import { writeMigrations } from "../../schemas/write-migrations.ts";
import { forgetAddresses } from "../addresses.ts";
import { lockData } from "../data-lock.ts";
import { IN_MEMORY } from "../database/embedded.ts";
import { migrate } from "../database/migrate.ts";
import { Tokens } from "../gateway/tokens.ts";
import { generateKeys, loadKeys } from "../keys.ts";
import { seed } from "../seed.ts";
import type { StartStep } from "../start-stack.ts";
import { databaseTitle, openDatabase } from "./open-database.ts";
import { portProblem } from "./ports.mjs";
import type { Start } from "./start.ts";

/** Brings the database up: started, prepared, migrated, seeded. */
export function databaseSteps(start: Start): StartStep[] {
  return [
    { title: "Ports and keys", run: () => takePortsAndKeys(start) },
    { title: databaseTitle(start.options.database), run: () => open(start) },
    { title: "Migrations", run: (report) => applyMigrations(start, report) },
    { title: "Seed data", run: () => applySeed(start) },
  ];
}

async function takePortsAndKeys(start: Start): Promise<void> {
  const { dataDir, parts } = start;
  const isInMemory = dataDir === IN_MEMORY;
  // first: where it is another stack on the same data that has the ports, that is the thing to say
  if (!isInMemory) {
    start.onStop(lockData(join(dataDir, "stack.lock")));
    forgetAddresses(dataDir);
  }
  const problem = await portProblem(start.usedPorts);
  if (problem !== undefined) throw new StackError(problem);
  parts.keys = isInMemory ? generateKeys() : loadKeys(join(dataDir, "keys.json"));
  parts.tokens = new Tokens(parts.keys, () => start.publicUrl);
}

async function open(start: Start): Promise<void> {
  const database = await openDatabase(start, start.parts.keys);
  start.onStop(() => database.close());
  start.parts.database = database;
  if (start.options.fresh === true) rmSync(start.storageFolder, { recursive: true, force: true });
}

async function applyMigrations(start: Start, report: (detail: string) => void): Promise<void> {
  const { options, parts, supabase, log } = start;
  if (options.reload === true) await writeStaleMigrations(start);
  const directory = options.migrations ?? join(supabase, "migrations");
  await parts.database.asOwner((session) =>
    migrate(session, {
      directory,
      onFile: (file, position, total) => report(`${position}/${total} ${file}`),
      onChange: (line) => log(`✔ ${line}`),
    }),
  );
}

/** What was edited in the schemas while nothing ran. */
async function writeStaleMigrations({ supabase, log }: Start): Promise<void> {
  try {
    if (await writeMigrations(readRooms(supabase), supabase)) log("✔ migrations written from supabase/schemas");
  } catch (error) {
    log(`✖ ${messageOf(error)}; starting with the migrations as they are`);
  }
}

async function applySeed({ options, parts, settings, log }: Start): Promise<void> {
  if (options.seed === false) return;
  const changed = await parts.database.asOwner((session) => seed(session, settings.seedFiles));
  for (const file of changed) log(`${file} changed since it was applied: run npm start -- --fresh to apply it`);
}
