import { setTimeout as wait } from "node:timers/promises";
import { paths } from "../../dev/base/paths.ts";
import { StackError } from "../../dev/base/stack-error.ts";
import { readMigrations } from "../../dev/stack/database/history.ts";
import type { SqlSession } from "../../dev/stack/database/session.ts";
import { readAddress } from "../core/address.ts";
import { codeOf } from "../core/explain.ts";
import { lockFor } from "../core/lock.ts";
import { migrateDatabase } from "./migrate.ts";
import { type Server, UNFINISHED, withDatabase } from "./registry.ts";
import { withSession } from "./session.ts";
import { standingOf } from "./standing.ts";

/** Quoted, for what takes no parameters. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Works on a server of which nobody else makes or migrates a template, or makes a community, meanwhile.
 *
 * @param work gets a session of the database that the server's address names.
 */
export function withServer<Result>(server: Server, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
  return withSession(server.url, async (session) => {
    const busy = `another fleet command is at work on the server ${server.name}: wait for it`;
    await lockFor(session, "ops.fleet of a server", busy);
    return await work(session);
  });
}

/** Names of those databases of a server that are there. */
export async function existing(session: SqlSession, names: readonly string[]): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    "select datname as name from pg_database where datname = any ($1)",
    [names],
  );
  return rows.map(({ name }) => name);
}

/** Makes the template of a server where there is none: an empty database with all migrations. Takes a superuser. */
export async function ensureTemplate(session: SqlSession, server: Server): Promise<void> {
  if ((await existing(session, [server.template])).length > 0) return;
  const unfinished = `${server.template}${UNFINISHED}`;
  const [me] = await session.query<{ is_superuser: boolean }>(
    "select rolsuper as is_superuser from pg_roles where rolname = current_user",
  );
  if (!me?.is_superuser) {
    throw new StackError(
      `the server ${server.name} has no template ${server.template}, which only a superuser can make, for PostGIS: connect as one once`,
    );
  }
  await session.script(`drop database if exists ${quoted(unfinished)} with (force)`);
  await session.script(`create database ${quoted(unfinished)} template template0 encoding 'UTF8'`);
  const url = withDatabase(server.url, unfinished);
  // loaded only here: it brings the servers of the local stack along
  const { openServerDatabase } = await import("../../dev/stack/database/server.ts");
  const { ownerRole, ...database } = await openServerDatabase(url);
  await database.close();
  await migrateDatabase(url, { ownerRole });
  await alone(session, unfinished, () =>
    session.script(`alter database ${quoted(unfinished)} rename to ${quoted(server.template)}`),
  );
}

/**
 * @throws StackError when the template is not as far as this checkout, or is no empty one: what stands in it would be in every
 * community.
 */
export async function requireTemplate(server: Server): Promise<void> {
  const url = withDatabase(server.url, server.template);
  const place = `the template ${server.template} of the server ${server.name}`;
  await withSession(url, async (session) => {
    const { state, version } = await standingOf(session);
    if (state === "empty") throw new StackError(`${place} has no migrations: drop it, it is made anew`);
    if (state === "behind") {
      const newest = readMigrations(paths.migrations).at(-1)?.version;
      throw new StackError(`${place} has ${version}, this checkout ${newest}: npm run fleet -- migrate first`);
    }
    if (state === "ahead") {
      throw new StackError(
        `${place} has migrations that this checkout does not have: check out their commit, or a later one`,
      );
    }
    const [found] = await session.query<{ secrets: string | null }>(
      "select to_regclass('vault.secrets')::text as secrets",
    );
    for (const table of ["auth.users", "public.users", "public.partners", "private.backups", found?.secrets]) {
      if (!table) continue;
      const rows = await session.query(`select from ${table} limit 1`);
      if (rows.length > 0)
        throw new StackError(`${place} is not empty, ${table} has rows: what is in it would be in every community`);
    }
  });
}

const PATIENCE_MS = 10_000;

/** Does what PostgreSQL does only with a database that nobody is connected to; waits a moment for who leaves. */
export async function alone(session: SqlSession, database: string, work: () => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await wait(100)) {
    try {
      return await work();
    } catch (error) {
      if (codeOf(error) !== "55006") throw error;
      if (Date.now() < deadline) continue;
      const others = await session.query<{ who: string }>(
        "select format('%s (%s)', usename, application_name) as who from pg_stat_activity where datname = $1",
        [database],
      );
      const who = others.map((other) => other.who).join(", ") || "somebody";
      throw new StackError(`${who} is connected to ${database}: end that session, and run it again`);
    }
  }
}

/** For people. */
export const placeOf = (server: Server, database: string): string =>
  readAddress(withDatabase(server.url, database)).name;
