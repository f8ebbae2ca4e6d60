/** Which database a test run uses, from the environment variable `TEST_DATABASE`. */
export type TestDatabase = "embedded" | "cluster";

/** Reads `TEST_DATABASE`; the embedded database is the default. */
export function testDatabase(): TestDatabase {
  const value = process.env["TEST_DATABASE"] ?? "embedded";
  if (value !== "embedded" && value !== "cluster") {
    throw new Error(`TEST_DATABASE is "${value}": it must be embedded or cluster`);
  }
  return value;
}

/** Fails with one clear line when tests that need many connections are run on the embedded database. */
export function requireCluster(suite: string): void {
  if (testDatabase() !== "cluster") {
    throw new Error(`${suite} needs a real PostgreSQL server: run it with TEST_DATABASE=cluster`);
  }
}

/** A stack that is running already: the official one in Docker, or `npm start`. */
export interface RunningStack {
  url: string;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  /** Connection string of the role that owns the product's objects. */
  databaseUrl: string;
}

const VARIABLES: Readonly<Record<keyof RunningStack, string>> = {
  url: "TEST_STACK_URL",
  publishableKey: "TEST_STACK_PUBLISHABLE_KEY",
  secretKey: "TEST_STACK_SECRET_KEY",
  jwtSecret: "TEST_STACK_JWT_SECRET",
  databaseUrl: "TEST_DATABASE_URL",
};

/**
 * Reads the stack that journeys and attacks are to run against; without `TEST_STACK_URL` they start one of their own.
 *
 * @throws Error when one of the other variables is missing.
 */
export function runningStack(): RunningStack | undefined {
  if (process.env[VARIABLES.url] === undefined) return undefined;
  const read = (name: string) => {
    const value = process.env[name];
    if (!value) throw new Error(`${VARIABLES.url} needs ${name} as well`);
    return value;
  };
  return {
    url: read(VARIABLES.url),
    publishableKey: read(VARIABLES.publishableKey),
    secretKey: read(VARIABLES.secretKey),
    jwtSecret: read(VARIABLES.jwtSecret),
    databaseUrl: read(VARIABLES.databaseUrl),
  };
}
