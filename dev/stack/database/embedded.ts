import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Extensions, PGlite } from "@electric-sql/pglite";
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
import { createPgliteConnection, type PgliteConnection } from "@supabase/lite/pglite";
import { gate } from "../../base/parallel.ts";
import { paths } from "../../base/paths.ts";
import { StackError } from "../../base/stack-error.ts";
import { changesBetween } from "../../schemas/changes.ts";
import { roomsOfMigrations } from "../../schemas/migration.ts";
import { numericValue, TYPE_OID, timestampValue } from "./api-values.ts";
import { createAuthTablesOn } from "./auth-tables.ts";
import { applyChanges } from "./change-in-place.ts";
import { type Migration, readMigrations } from "./history.ts";
import { KeptDirectories, preparationVersion, versionOf } from "./kept-directories.ts";
import { postgis } from "./lighter-postgis.ts";
import { migrate } from "./migrate.ts";
import { finishAuthSchema, prepareDatabase } from "./prepare.ts";
import { REST_ROLE, SEARCH_PATH_BY_ROLE, SUPERUSER } from "./roles.ts";
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

const SETTINGS = {
  // nobody reads the server's log, and every refusal would be written to it
  log_min_messages: "fatal",
  // all of it is written to at each start, and the files behind it are in memory, or cached by the machine, anyway
  shared_buffers: "32MB",
  // a log file that is kept for later is 16 MB more in every copy
  wal_recycle: "off",
};
const startParams = [
  ...PGlite.defaultStartParams,
  ...Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
];

const parsers = {
  [TYPE_OID.numeric]: numericValue,
  [TYPE_OID.timestamp]: timestampValue,
  [TYPE_OID.timestamptz]: timestampValue,
};

const kept = new KeptDirectories(join(paths.cache, "embedded"));

/** Data directory that is gone when the process ends. */
export const IN_MEMORY = "memory";

/**
 * Opens the embedded PostgreSQL (PGlite) on a data directory, or in memory. It has one session; see `openDoor` for its network port.
 *
 * The first start copies a prepared template (roles, extensions, auth tables), which is built once per version of
 * the preparation and kept in the cache.
 *
 * @param migrations folder of migrations that will be applied: where a copy that has them is kept, a new database begins
 * with that.
 */
export async function openEmbeddedDatabase(dataDirectory: string, migrations?: string): Promise<StackDatabase> {
  const isNew = dataDirectory === IN_MEMORY || !existsSync(join(dataDirectory, "PG_VERSION"));
  const migrated = isNew && migrations !== undefined ? kept.read(versionWith(readMigrations(migrations))) : undefined;
  const template = isNew ? (migrated ?? (await preparedTemplate())) : undefined;
  return embeddedDatabase(await open(dataDirectory === IN_MEMORY ? undefined : dataDirectory, SUPERUSER, template));
}

/**
 * Opens one in memory that has the migrations of a folder. Whoever is first applies them and keeps the result in the
 * cache; everybody after that has a copy, seconds sooner.
 *
 * @param isAdapted lets a copy with older migrations be changed in place, where that is all it takes; it is not kept.
 * @throws StackError with file, line and message when a migration fails.
 */
export async function openMigratedDatabase(directory: string, isAdapted = false): Promise<StackDatabase> {
  const migrations = readMigrations(directory);
  const version = versionWith(migrations);
  const copy = kept.read(version);
  if (copy !== undefined) return embeddedDatabase(await open(undefined, SUPERUSER, copy));
  const adapted = isAdapted ? await openAdapted(migrations) : undefined;
  if (adapted !== undefined && !(adapted instanceof StackError)) return adapted;

  const turn = await kept.readOrTakeTurn(version);
  if (turn instanceof Blob) return embeddedDatabase(await open(undefined, SUPERUSER, turn));
  try {
    const connection = await open(undefined, SUPERUSER, await preparedTemplate());
    const database = embeddedDatabase(connection);
    try {
      await database.asOwner((session) => migrate(session, { directory }));
    } catch (error) {
      await end(connection);
      throw adapted ?? error; // which names the file of the schemas
    }
    kept.keep(version, await dump(connection), JSON.stringify(migrations));
    return database;
  } finally {
    turn();
  }
}

/** Makes these migrations of the copy that was used last; undefined when that takes a new database, else why it failed. */
async function openAdapted(migrations: readonly Migration[]): Promise<StackDatabase | StackError | undefined> {
  const [newest, origin] = kept.newest(`${templateVersion()}-`) ?? [];
  if (newest === undefined || origin === undefined) return undefined;
  const applied = JSON.parse(origin) as Migration[];
  const changes = await changesBetween(roomsOfMigrations(applied), roomsOfMigrations(migrations));
  const copy = changes.needsNewDatabase.length === 0 ? kept.read(newest) : undefined;
  if (copy === undefined) return undefined;
  const database = embeddedDatabase(await open(undefined, SUPERUSER, copy));
  const edited = migrations.filter(({ checksum }) => !applied.some((one) => one.checksum === checksum));
  const gone = applied.filter(({ version }) => !migrations.some((one) => one.version === version));
  try {
    await database.asOwner((session) => applyChanges(session, changes, edited, gone));
    return database;
  } catch (error) {
    await database.close();
    if (error instanceof StackError) return error;
    throw error;
  }
}

const end = (connection: PgliteConnection): Promise<void> => keepingExitCode(() => connection.close());

/**
 * PGlite's runtime sets the exit code of the whole process when it begins and ends, and at every error of SQL: a run that had
 * failed ended well, and a good one did not. It has no setting for that; what the code was stands.
 */
async function keepingExitCode<Result>(work: () => Promise<Result>): Promise<Result> {
  const { exitCode } = process;
  try {
    return await work();
  } finally {
    process.exitCode = exitCode;
  }
}

/** The same for what every statement passes through, in which nothing else can happen meanwhile. */
function keepExitCodeAtErrors(driver: PGlite): void {
  const exchange = driver.execProtocolRawSync.bind(driver);
  driver.execProtocolRawSync = (message) => {
    const { exitCode } = process;
    try {
      return exchange(message);
    } finally {
      process.exitCode = exitCode;
    }
  };
}

const open = (dataDirectory: string | undefined, username: string, template?: Blob): Promise<PgliteConnection> =>
  keepingExitCode(() => openConnection(dataDirectory, username, template));

async function openConnection(
  dataDirectory: string | undefined,
  username: string,
  loadDataDir?: Blob,
): Promise<PgliteConnection> {
  if (dataDirectory !== undefined) mkdirSync(dirname(dataDirectory), { recursive: true });
  const connection = await createPgliteConnection({
    ...(dataDirectory === undefined ? {} : { url: dataDirectory }),
    pgliteOptions: {
      extensions,
      username,
      parsers,
      startParams,
      ...(loadDataDir === undefined ? {} : { loadDataDir }),
    },
  });
  await connection.driver.waitReady;
  keepExitCodeAtErrors(connection.driver);
  // Without their libraries, which it lacks, the embedded database would die of a conversion; like this it refuses.
  await connection.driver.exec("update pg_conversion set condefault = false where condefault");
  return connection;
}

function embeddedDatabase(connection: PgliteConnection): StackDatabase {
  const db = connection.driver;
  const inTurn = gate(1);
  const ownerRole = "postgres";

  // The API's role cannot become another one by itself: its session may stay open for its next request.
  let current = SUPERUSER;
  const become = (role: string) => {
    current = role;
    return `set session authorization ${role}; ${searchPathSql(role)}`;
  };
  const asRole = <Result>(role: string, work: () => Promise<Result>) =>
    inTurn(async () => {
      if (current !== role) await db.exec(become(role));
      try {
        return await work();
      } finally {
        // A transaction or setting left behind by a failed request must not reach the next one.
        await db.exec(`rollback; reset all; ${role === REST_ROLE ? "" : become(SUPERUSER)}`);
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
    close: () => end(connection),
  };
}

function searchPathSql(role: string): string {
  const searchPath = SEARCH_PATH_BY_ROLE.get(role);
  return searchPath === undefined ? "" : `set search_path = ${searchPath}`;
}

/** Builds the template once; later starts find it in the cache. */
async function preparedTemplate(): Promise<Blob> {
  const version = templateVersion();
  return kept.readOrMake(version, buildTemplate);
}

async function buildTemplate(): Promise<ArrayBuffer> {
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
  const template = await dump(connection);
  await end(connection);
  return template;
}

async function dump(connection: PgliteConnection): Promise<ArrayBuffer> {
  // What is not yet in the data files would be recovered at every start.
  await connection.driver.exec("checkpoint");
  return (await connection.driver.dumpDataDir("none")).arrayBuffer();
}

/** Changes whenever the template would come out differently. */
const templateVersion = (): string => versionOf([preparationVersion(), readFileSync(import.meta.filename, "utf8")]);

/** The same for a template that has migrations. */
const versionWith = (migrations: readonly Migration[]): string =>
  `${templateVersion()}-${versionOf(migrations.flatMap(({ file, checksum }) => [file, checksum]))}`;
