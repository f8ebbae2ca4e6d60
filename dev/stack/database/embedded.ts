import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Extensions } from "@electric-sql/pglite";
import { amcheck } from "@electric-sql/pglite/contrib/amcheck";
import { btree_gin } from "@electric-sql/pglite/contrib/btree_gin";
import { btree_gist } from "@electric-sql/pglite/contrib/btree_gist";
import { citext } from "@electric-sql/pglite/contrib/citext";
import { cube } from "@electric-sql/pglite/contrib/cube";
import { earthdistance } from "@electric-sql/pglite/contrib/earthdistance";
import { fuzzystrmatch } from "@electric-sql/pglite/contrib/fuzzystrmatch";
import { hstore } from "@electric-sql/pglite/contrib/hstore";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import { uuid_ossp } from "@electric-sql/pglite/contrib/uuid_ossp";
import { pgtap } from "@electric-sql/pglite/pgtap";
import { postgis } from "@electric-sql/pglite-postgis";
import { createPgliteConnection, type PgliteConnection } from "@supabase/lite/pglite";
import { paths } from "../../base/paths.ts";
import { numericValue, TYPE_OID, timestampValue } from "./api-values.ts";
import { createAuthTablesOn } from "./auth-tables.ts";
import { Mutex } from "./mutex.ts";
import { finishAuthSchema, prepareDatabase } from "./prepare.ts";
import { SEARCH_PATH_BY_ROLE, SUPERUSER } from "./roles.ts";
import type { SqlSession } from "./session.ts";
import type { StackDatabase } from "./stack-database.ts";

/** Everything a migration or a test may `create extension`; pgcrypto comes with the REST server's connection. */
const extensions: Extensions = {
  amcheck,
  btree_gin,
  btree_gist,
  citext,
  cube,
  earthdistance,
  fuzzystrmatch,
  hstore,
  pg_trgm,
  pgtap,
  postgis,
  unaccent,
  uuid_ossp,
};

const parsers = {
  [TYPE_OID.numeric]: numericValue,
  [TYPE_OID.timestamp]: timestampValue,
  [TYPE_OID.timestamptz]: timestampValue,
};

/** Data directory that is gone when the process ends. */
export const IN_MEMORY = "memory";

/**
 * Opens the embedded PostgreSQL (PGlite) on a data directory, or in memory. It has one session; see `openDoor` for its network port.
 *
 * The first start copies a prepared template (roles, extensions, auth tables), which is built once per version of
 * the preparation and kept in the cache.
 */
export async function openEmbeddedDatabase(dataDirectory: string): Promise<StackDatabase> {
  const isNew = dataDirectory === IN_MEMORY || !existsSync(join(dataDirectory, "PG_VERSION"));
  const template = isNew ? new Blob([readFileSync(await preparedTemplate())]) : undefined;
  const connection = await open(dataDirectory === IN_MEMORY ? undefined : dataDirectory, SUPERUSER, template);
  return embeddedDatabase(connection);
}

async function open(
  dataDirectory: string | undefined,
  username: string,
  loadDataDir?: Blob,
): Promise<PgliteConnection> {
  if (dataDirectory !== undefined) mkdirSync(dirname(dataDirectory), { recursive: true });
  const connection = await createPgliteConnection({
    ...(dataDirectory === undefined ? {} : { url: dataDirectory }),
    pgliteOptions: { extensions, username, parsers, ...(loadDataDir === undefined ? {} : { loadDataDir }) },
  });
  await connection.driver.waitReady;
  // Without their libraries, which it lacks, the embedded database would die of a conversion; like this it refuses.
  await connection.driver.exec("update pg_conversion set condefault = false where condefault");
  return connection;
}

function embeddedDatabase(connection: PgliteConnection): StackDatabase {
  const db = connection.driver;
  const mutex = new Mutex();
  const ownerRole = "postgres";

  const asRole = <Result>(role: string, work: () => Promise<Result>) =>
    mutex.run(async () => {
      await db.exec(`set session authorization ${role}; ${searchPathSql(role)}`);
      try {
        return await work();
      } finally {
        // A transaction or setting left behind by a failed request must not reach the next one.
        await db.exec(`rollback; reset all; set session authorization ${SUPERUSER}`);
      }
    });

  const direct: SqlSession = {
    async query<Row extends object>(text: string, parameters: readonly unknown[] = []) {
      return (await db.query<Row>(text, [...parameters])).rows;
    },
    async script(text) {
      await db.exec(text);
    },
    close: async () => undefined,
  };
  const admin: SqlSession = {
    query: (text, parameters) => asRole(SUPERUSER, () => direct.query(text, parameters)),
    script: (text) => asRole(SUPERUSER, () => direct.script(text)),
    close: async () => undefined,
  };

  return {
    kind: "embedded",
    ownerRole,
    admin,
    asOwner: (work) => asRole(ownerRole, () => work(direct)),
    introspect: () => asRole(SUPERUSER, () => connection.introspect()),
    // Each server gets an object of its own to adjust; they share the one session underneath.
    connect: () => Object.create(connection) as PgliteConnection,
    asRole,
    exchange: (message) => db.execProtocolRaw(message),
    close: () => connection.close(),
  };
}

function searchPathSql(role: string): string {
  const searchPath = SEARCH_PATH_BY_ROLE.get(role);
  return searchPath === undefined ? "" : `set search_path = ${searchPath}`;
}

/** Builds the template once; later starts find it in the cache. */
async function preparedTemplate(): Promise<string> {
  const file = join(paths.cache, "embedded", `${templateVersion()}.tar`);
  if (existsSync(file)) return file;

  const tar = await buildTemplate();
  mkdirSync(dirname(file), { recursive: true });
  // Two first starts at once each write their own file; the rename is atomic.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, new Uint8Array(await tar.arrayBuffer()));
  renameSync(unfinished, file);
  return file;
}

async function buildTemplate(): Promise<Blob> {
  const connection = await open(undefined, "postgres");
  const database = embeddedDatabase(connection);
  // PGlite's superuser is called postgres; hosted projects call it supabase_admin and keep postgres without
  // superuser rights. A user cannot rename itself, hence the detour.
  for (const statement of [
    "create role rename_helper superuser",
    "set session authorization rename_helper",
    `alter role postgres rename to ${SUPERUSER}`,
    `set session authorization ${SUPERUSER}`,
    "drop role rename_helper",
  ]) {
    await connection.driver.exec(statement);
  }
  const { ownerRole } = await prepareDatabase(database.admin);
  await createAuthTablesOn(connection);
  await finishAuthSchema(database.admin, ownerRole);
  const tar = await connection.driver.dumpDataDir("none");
  await connection.close();
  return tar;
}

/** Changes whenever the template would come out differently. */
function templateVersion(): string {
  const sources = ["prepare.ts", "embedded.ts", "auth-tables.ts"].map((file) => join(import.meta.dirname, file));
  const packages = ["@electric-sql/pglite", "@electric-sql/pglite-postgis", "@supabase/lite"].map((name) =>
    join(paths.nodeModules, name, "package.json"),
  );
  const hash = createHash("sha256");
  for (const file of [...sources, ...packages]) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}
