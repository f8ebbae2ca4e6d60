import { readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse } from "smol-toml";
import type { Start } from "../start/start.ts";
import { SchemaReload } from "./schema-reload.ts";
import { watchFiles } from "./watch-files.ts";

/** Follows the sources of a running stack, but for the functions, which their host follows. */
export async function startReloading(start: Start): Promise<void> {
  if (start.options.reload !== true) return;
  const { supabase, settings, log } = start;
  const schemas = await followSchemas(start);
  const configToml = join(supabase, "config.toml");
  const packageJson = join(dirname(supabase), "package.json");
  const isSchema = (file: string) => file.startsWith(join(supabase, "schemas") + sep) || file === configToml;
  const notices = [
    new Notice(configToml, unfollowedSettings, "supabase/config.toml changed: npm start again to use it"),
    new Notice(packageJson, dependencies, "package.json changed: stop, npm install, and npm start again"),
  ];
  const watched = [join(supabase, "schemas"), configToml, packageJson, ...settings.seedFiles];
  const endWatching = await watchFiles(watched, (changed) => {
    if (changed.some(isSchema)) void schemas?.request();
    for (const notice of notices) if (notice.isDue(changed)) log(notice.line);
    if (changed.some((file) => settings.seedFiles.includes(file))) {
      log("the seed changed: it fills new databases only, npm start -- --fresh makes one");
    }
  });
  start.onStop(async () => {
    await endWatching();
    await schemas?.close();
  });
}

async function followSchemas({ options, parts, supabase, log }: Start): Promise<SchemaReload | undefined> {
  if (typeof options.database === "object" && !isOnThisMachine(options.database.url)) {
    log("supabase/schemas is not followed: the database is on another machine, where npm run db:push changes it");
    return undefined;
  }
  const onChanged = async () => {
    await parts.servers.refresh();
    parts.refreshStudio?.();
  };
  return SchemaReload.open({ database: parts.database, supabase, onChanged, log });
}

/** A line that is due when a file says something else than before. */
class Notice {
  readonly line: string;
  readonly #file: string;
  readonly #read: (text: string) => unknown;
  #last: unknown;

  constructor(file: string, read: (text: string) => unknown, line: string) {
    this.line = line;
    this.#file = file;
    this.#read = read;
    this.isDue([file]);
  }

  isDue(changed: readonly string[]): boolean {
    if (!changed.includes(this.#file)) return false;
    const before = this.#last;
    try {
      this.#last = this.#read(readFileSync(this.#file, "utf8"));
    } catch {
      return false; // half-written, or broken: whoever needs it next says so
    }
    return before !== undefined && !isDeepStrictEqual(before, this.#last);
  }
}

/** All but the functions, which are followed, and the order of the schemas. */
function unfollowedSettings(text: string): unknown {
  const { functions: _, db, ...others } = parse(text);
  const { migrations: __, ...database } = (db ?? {}) as Record<string, unknown>;
  return { ...others, database };
}

function dependencies(text: string): unknown {
  const { dependencies, devDependencies } = JSON.parse(text) as Record<string, unknown>;
  return { dependencies, devDependencies };
}

const isOnThisMachine = (url: string): boolean =>
  ["", "localhost", "127.0.0.1", "[::1]"].includes(new URL(url).hostname);
