import { globSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { parse } from "smol-toml";
import { z } from "zod";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";

/** One file of `supabase/schemas/<room>/`. */
export interface SchemaFile {
  /** Relative to `supabase/`, with slashes. */
  readonly path: string;
  readonly sql: string;
}

/** A room of the database with its files, in the order in which they are run. */
export interface Room {
  readonly name: string;
  readonly files: readonly SchemaFile[];
}

const config = z.object({ db: z.object({ migrations: z.object({ schema_paths: z.array(z.string()) }) }) });

/**
 * The rooms in the order of `[db.migrations] schema_paths` in config.toml. As in the Supabase CLI each pattern stands for
 * its matches by name, and a file counts where it is matched first.
 *
 * @param supabase folder with `config.toml` and `schemas/`.
 * @throws StackError when a pattern matches nothing, a file is matched by no pattern, or a room is torn apart.
 */
export function readRooms(supabase: string = paths.supabase): Room[] {
  const files = matchedFiles(supabase);
  const forgotten = globSync("schemas/**/*.sql", { cwd: supabase })
    .map(slashes)
    .filter((file) => !files.has(file));
  if (forgotten.length > 0) {
    throw new StackError(`${forgotten.join(", ")}: add the folder to schema_paths in supabase/config.toml`);
  }
  const rooms = new Map<string, SchemaFile[]>();
  for (const path of files) {
    const name = path.split("/")[1] ?? "";
    const room = rooms.get(name) ?? [];
    if (rooms.has(name) && [...rooms.keys()].at(-1) !== name) {
      throw new StackError(`${path}: the files of a room must follow each other in schema_paths`);
    }
    rooms.set(name, [...room, { path, sql: readFileSync(join(supabase, path), "utf8") }]);
  }
  return [...rooms].map(([name, roomFiles]) => ({ name, files: roomFiles }));
}

function matchedFiles(supabase: string): Set<string> {
  const patterns = config.parse(parse(readFileSync(join(supabase, "config.toml"), "utf8"))).db.migrations.schema_paths;
  return new Set(
    patterns.flatMap((pattern) => {
      const matches = globSync(pattern, { cwd: supabase }).map((file) => slashes(relative(".", file)));
      if (matches.length === 0)
        throw new StackError(`schema_paths in supabase/config.toml: ${pattern} matches no file`);
      return matches.toSorted();
    }),
  );
}

const slashes = (path: string): string => path.replaceAll(sep, "/");
