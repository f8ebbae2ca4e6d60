import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, totalmem } from "node:os";
import { paths } from "../dev/base/paths.ts";
import { messageOf } from "../dev/base/stack-error.ts";
import type { Query } from "./databases.ts";

/** Where and on what it was measured. */
export interface Machine {
  processor: string;
  cores: number;
  memoryGb: number;
  platform: string;
  node: string;
  postgres: string;
  postgis: string;
  /** Server settings that are not the default. */
  settings: Readonly<Record<string, string>>;
  /** The commit, with a plus sign when the working copy differed from it. */
  commit: string;
}

/** Describes the machine and the server behind a query function. */
export async function describeMachine(query: Query): Promise<Machine> {
  const [server] = await query<{ postgres: string; postgis: string }>(
    "select current_setting('server_version') as postgres, default_version as postgis from pg_available_extensions where name = 'postgis'",
  );
  const settings = await query<{ name: string; value: string }>(`
    select name, current_setting(name) as value from pg_settings
    where source = 'configuration file' and category !~ '(Authentication|Reporting|Locale|Connection Settings|Preset)'
      and name not in ('DateStyle', 'TimeZone', 'default_text_search_config')
    order by name`);
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    postgres: server?.postgres ?? "unknown",
    postgis: server?.postgis ?? "unknown",
    settings: Object.fromEntries(settings.map(({ name, value }) => [name, value])),
    commit: commit(),
  };
}

/** The machine in a file name. */
export function machineSlug({ processor, cores }: Machine): string {
  const name = processor
    .toLowerCase()
    .replaceAll(/\((r|tm)\)|@.*|\b(cpu|processor)\b/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return `${name}-${cores}-cores`;
}

function commit(): string {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: paths.root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  try {
    const changed = git("status", "--porcelain", "--", "supabase/migrations", "supabase/functions", "bench") !== "";
    return `${git("rev-parse", "--short", "HEAD")}${changed ? "+" : ""}`;
  } catch (error) {
    return `unknown (${messageOf(error).split("\n")[0]})`;
  }
}
