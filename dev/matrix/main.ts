// Generates the test of the lifecycle from the page that describes it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { runCommand } from "../commands/command.ts";
import { writeOrCheck } from "../commands/generated-file.ts";
import { generateTest } from "./generate.ts";
import { readMatrix, requireSamePicture } from "./matrix.ts";

const PAGE = "docs/rooms/tasks.md";
const TEST = "supabase/tests/tasks/matrix.generated.test.sql";

await runCommand({
  usage: `Usage: npm run matrix -- [options]

Generates ${TEST}
from the tables "State: …" in ${PAGE}, whose picture of the lifecycle has to say the same.

  --check   change nothing; exit with 1 when the test is not what the page says
  --help    show this text`,
  options: { check: { type: "boolean", default: false } },
  async run({ check }) {
    const page = readFileSync(join(paths.root, PAGE), "utf8");
    const cells = readMatrix(page);
    requireSamePicture(page, cells);
    const preamble = readFileSync(join(import.meta.dirname, "preamble.sql"), "utf8");
    writeOrCheck(join(paths.root, TEST), generateTest(cells, preamble), check, "npm run matrix");
  },
});
