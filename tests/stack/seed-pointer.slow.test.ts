import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { findPostgresBinaries } from "../../dev/stack/database/postgres-binaries.ts";
import { startStack } from "../../dev/stack/start-stack.ts";

const binaries = findPostgresBinaries();

// psql comes with the server; without PostgreSQL on this machine there is nothing to point to the seed for.
if (binaries) {
  it("psql finds the demo neighbourhood through the seed.sql at the top, from any folder", async () => {
    const stack = await startStack({
      database: "cluster",
      dataDir: "memory",
      port: 0,
      seed: false,
      jobs: false,
      studio: false,
      functions: false,
    });
    try {
      const people = "select count(*)::int as count from auth.users";
      expect(await stack.sql(people)).toEqual([{ count: 0 }]);
      const args = [stack.databaseUrl ?? "", "--quiet", "--set=ON_ERROR_STOP=1", "-f", join(paths.root, "seed.sql")];
      await promisify(execFile)(join(binaries.directory, "psql"), args, { cwd: tmpdir() });
      const [row] = await stack.sql<{ count: number }>(people);
      expect(row?.count).toBeGreaterThan(3);
    } finally {
      await stack.stop();
    }
  });
}
