import { copyFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "tsdown";
import { paths } from "../base/paths.ts";
import { messageOf, StackError } from "../base/stack-error.ts";
import { runCommand } from "./command.ts";

const USAGE = `Usage: npm run build

Builds the client's package into src/client/dist and puts its README.md and LICENSE beside it. Apps install the tarball
that npm pack ./src/client makes of it, which runs this by itself: docs/client.md.

  --help   show this text`;

/** What npm wants to find in the folder of the package, by its source. */
const PAGES = { "README.md": "docs/client.md", LICENSE: "LICENSE" };

await runCommand({
  usage: USAGE,
  options: {},
  async run() {
    const fresh = join(paths.cache, `client-${process.pid}`);
    const dist = join(paths.client, "dist");
    try {
      // as a warning it only says, each time, that TypeScript 7 has no stable interface for programs
      await build({ cwd: paths.root, outDir: fresh, logLevel: "error" });
      for (const [page, source] of Object.entries(PAGES)) {
        copyFileSync(join(paths.root, source), join(paths.client, page));
      }
      // in place only when whole: somebody may be packing what is there
      rmSync(dist, { recursive: true, force: true });
      renameSync(fresh, dist);
    } catch (error) {
      throw new StackError(`the client cannot be built: ${messageOf(error)}`);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  },
});
