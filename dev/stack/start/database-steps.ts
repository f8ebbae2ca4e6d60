import { join } from "node:path";
import { paths } from "../../base/paths.ts";
import { lockData } from "../data-lock.ts";
import { IN_MEMORY } from "../database/embedded.ts";
import { migrate } from "../database/migrate.ts";
import { Tokens } from "../gateway/tokens.ts";
import { generateKeys, loadKeys } from "../keys.ts";
import { seed } from "../seed.ts";
import type { StartStep } from "../start-stack.ts";
import { databaseTitle, openDatabase } from "./open-database.ts";
import { PORT_HINT, requirePort, STUDIO_PORT_HINT } from "./ports.ts";
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
  const { dataDir, options, parts } = start;
  await requirePort(start.port, PORT_HINT);
  if (options.studio !== false) await requirePort(start.studioPort, STUDIO_PORT_HINT);
  const isInMemory = dataDir === IN_MEMORY;
  if (!isInMemory) start.onStop(lockData(join(dataDir, "stack.lock")));
  parts.keys = isInMemory ? generateKeys() : loadKeys(join(dataDir, "keys.json"));
  parts.tokens = new Tokens(parts.keys.jwtSecret, () => start.publicUrl);
}

async function open(start: Start): Promise<void> {
  const database = await openDatabase(start.options, start.dataDir, start.parts.keys);
  start.onStop(() => database.close());
  start.parts.database = database;
}

async function applyMigrations({ options, parts }: Start, report: (detail: string) => void): Promise<void> {
  const directory = options.migrations ?? paths.migrations;
  await parts.database.asOwner((session) =>
    migrate(session, { directory, onFile: (file, position, total) => report(`${position}/${total} ${file}`) }),
  );
}

async function applySeed({ options, parts, settings, log }: Start): Promise<void> {
  if (options.seed === false) return;
  const changed = await parts.database.asOwner((session) => seed(session, settings.seedFiles));
  for (const file of changed) log(`${file} changed since it was applied: run npm start -- --fresh to apply it`);
}
