import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { readAddress } from "../core/address.ts";

/** A PostgreSQL server that holds communities. */
export interface Server {
  name: string;
  /** Address of the database that is connected to in order to make others, as the owner of the product or a superuser. */
  url: string;
  /** Name of the database that new communities are copied from. */
  template: string;
  /** How many of its communities the jobs are done for at the same time. */
  connections: number;
}

/** A community: a database. */
export interface Community {
  name: string;
  server: Server;
  database: string;
  /** Address of its database, on the server itself. */
  url: string;
  /** Address for its jobs, which may be a pooler's. */
  jobsUrl: string;
  /** Where its backups are; undefined where no store is named. */
  store: string | undefined;
  /** Where its edge functions are, and the variable with the secret key; undefined where nobody here calls them. */
  functions: { url: string; keyVariable: string } | undefined;
}

/** All communities of a registry. */
export interface Fleet {
  file: string;
  /** How many communities are worked on at the same time. */
  parallel: number;
  servers: readonly Server[];
  communities: readonly Community[];
}

/** What is made under another name first has this behind its own until it is whole. */
export const UNFINISHED = "_unfinished";

const LONGEST_NAME = 63 - UNFINISHED.length;
const databaseName = z
  .string()
  .regex(/^[a-z_][a-z0-9_]*$/u, "takes small letters, digits and _")
  .max(LONGEST_NAME);
const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/u, "names a variable of the environment: capitals, digits and _");
const server = z.strictObject({
  url: z.string().optional(),
  url_variable: variable.optional(),
  jobs_url: z.string().optional(),
  jobs_url_variable: variable.optional(),
  template: databaseName.default("neighbourhood_template"),
  connections: z.int().min(1).max(100).default(4),
});
const community = z.strictObject({
  server: z.string(),
  database: databaseName.optional(),
  functions_url: z.url().optional(),
  secret_key_variable: variable.optional(),
});
const name = z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/u, "takes small letters, digits, - and _, a letter first");
const registry = z.strictObject({
  store: z.string().min(1).optional(),
  parallel: z.int().min(1).max(64).default(4),
  servers: z.record(name, server),
  communities: z.record(name, community),
});

type Registry = z.infer<typeof registry>;

/**
 * Reads a registry. Passwords stand in none: they come from `~/.pgpass`, or with the whole address from a variable.
 *
 * @throws StackError with one line that says where it is wrong.
 */
export function readRegistry(file: string): Fleet {
  const { store, parallel, servers, communities } = check(file, parseText(file));
  const wrong = (text: string) => new StackError(`${file}: ${text}`);
  const byName = new Map(
    Object.entries(servers).map(([name, given]) => [name, { ...given, ...addressesOf(name, given, wrong) }]),
  );
  const taken = new Map<string, string>();
  return {
    file,
    parallel,
    servers: [...byName].map(([name, { url, template, connections }]) => ({ name, url, template, connections })),
    communities: Object.entries(communities).map(([name, given]) => {
      const found = byName.get(given.server);
      if (found === undefined) throw wrong(`communities.${name} is on the server ${given.server}, which is not in it`);
      const database = given.database ?? name.replaceAll("-", "_");
      if (database === found.template) throw wrong(`communities.${name} has the name of its server's template`);
      const url = withDatabase(found.url, database);
      const place = readAddress(url).name;
      const other = taken.get(place);
      if (other !== undefined) throw wrong(`${other} and ${name} are the same database, ${place}`);
      taken.set(place, name);
      if ((given.functions_url === undefined) !== (given.secret_key_variable === undefined)) {
        throw wrong(`communities.${name} needs functions_url and secret_key_variable, or none of them`);
      }
      const root = store ?? (process.env["BACKUP_STORE"] || undefined);
      return {
        name,
        server: { name: given.server, url: found.url, template: found.template, connections: found.connections },
        database,
        url,
        jobsUrl: withDatabase(found.jobsUrl, database),
        store: root === undefined ? undefined : `${root.replace(/\/+$/u, "")}/${name}`,
        functions:
          given.functions_url === undefined || given.secret_key_variable === undefined
            ? undefined
            : { url: given.functions_url, keyVariable: given.secret_key_variable },
      };
    }),
  };
}

/**
 * The communities with these names, in the order of the registry; all of them without names.
 *
 * @throws StackError for a name that is not in it.
 */
export function chosen({ file, communities }: Fleet, names: readonly string[]): Community[] {
  const unknown = names.find((name) => !communities.some((community) => community.name === name));
  if (unknown !== undefined) throw new StackError(`${file} has no community ${unknown}: look for a typing error`);
  return communities.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** The address of another database of the same server. */
export function withDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}

function parseText(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? messageOf(error);
    throw new StackError(
      `the registry ${file} cannot be read (${why}): write one (docs/operations/fleet.md), or name it with --registry`,
    );
  }
  try {
    return parseYaml(text);
  } catch (error) {
    throw new StackError(`${file} is no YAML: ${messageOf(error).split("\n")[0]?.replace(/:$/u, "")}`);
  }
}

function check(file: string, value: unknown): Registry {
  const parsed = registry.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return issue.path.length === 0 ? message : `${issue.path.join(".")}: ${message}`;
  });
  const more = problems.length > 3 ? `; and ${problems.length - 3} more` : "";
  throw new StackError(`${file}: ${problems.slice(0, 3).join("; ")}${more}`);
}

type Wrong = (text: string) => StackError;

function addressesOf(name: string, given: z.infer<typeof server>, wrong: Wrong): { url: string; jobsUrl: string } {
  const url = address(`servers.${name}.url`, given.url, given.url_variable, wrong);
  if (url === undefined) throw wrong(`servers.${name} needs url or url_variable`);
  return { url, jobsUrl: address(`servers.${name}.jobs_url`, given.jobs_url, given.jobs_url_variable, wrong) ?? url };
}

function address(
  place: string,
  text: string | undefined,
  variableName: string | undefined,
  wrong: Wrong,
): string | undefined {
  if (text !== undefined && variableName !== undefined)
    throw wrong(`${place} stands beside ${place}_variable: keep one`);
  if (text === undefined && variableName === undefined) return undefined;
  const url = text ?? fromVariable(variableName, wrong);
  readAddress(url, text === undefined ? variableName : place); // is it one?
  const parsed = new URL(url);
  if (text !== undefined && (parsed.password !== "" || parsed.searchParams.has("password"))) {
    throw wrong(`${place} holds a password: take it out, and write ${place}_variable or a line of ~/.pgpass instead`);
  }
  return parsed.pathname.length > 1 ? url : withDatabase(url, "postgres");
}

function fromVariable(variableName: string | undefined, wrong: Wrong): string {
  const value = process.env[variableName ?? ""] ?? "";
  if (value === "") throw wrong(`${variableName} is not set in the environment`);
  return value;
}
