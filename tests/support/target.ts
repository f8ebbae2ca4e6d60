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
