import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openCluster, THROWAWAY_SETTINGS } from "../../dev/stack/database/cluster.ts";
import { openPreparedCluster } from "../../dev/stack/database/kept-clusters.ts";
import { SUPERUSER } from "../../dev/stack/database/roles.ts";
import { openServerSession } from "../../dev/stack/database/session.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/faults");

test("a start that was killed while it made the server's data leaves nothing that the next one takes for whole", async () => {
  const directory = join(tmpdir(), `neighbourhood-unfinished-${process.pid}`);
  const options = { directory, password: "it's", settings: THROWAWAY_SETTINGS };
  const half = async () => new Blob([new Uint8Array(1_000_000)]);
  await expect(openCluster({ ...options, template: half })).rejects.toThrow("data could not be created");
  mkdirSync(join(directory, "unfinished"), { recursive: true });
  writeFileSync(join(directory, "unfinished", "PG_VERSION"), "15\n");

  const cluster = await openPreparedCluster(options);
  onTestFinished(() => cluster.destroy());
  await cluster.start();
  const session = openServerSession(cluster.url(SUPERUSER));
  onTestFinished(() => session.close());
  expect(await session.query("select to_regclass('auth.users') is not null as is_prepared")).toEqual([
    { is_prepared: true },
  ]);
});
