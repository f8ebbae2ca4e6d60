// The commands whose work is done by tools from packages: node dev/commands/tools.ts NAME
import { spawn } from "node:child_process";
import { paths } from "../base/paths.ts";
import { type PackageProgram, packageProgram } from "../base/programs.ts";
import { StackError } from "../base/stack-error.ts";
import { runCommand, wrongUsage } from "./command.ts";

/** A program with its arguments. */
type ToolRun = readonly [program: PackageProgram, ...args: string[]];

/** A command, and what one does when it fails. */
interface Tool {
  does: string;
  runs: readonly ToolRun[];
  next: string;
}

const lint: Tool = {
  does: "Checks format, imports and lint rules of TypeScript, JavaScript and JSON (biome.json); changes nothing.",
  runs: [["biome", "ci", "."]],
  next: "npm run format mends what can be mended by itself, the rest is named above",
};
const typecheck: Tool = {
  does: "Checks the types of everything that runs on Node, of the client as a browser sees it, of the example app and of the browser's tests.",
  runs: [
    ["tsc", "--noEmit"],
    ["tsc", "--noEmit", "-p", "tsconfig.client.json"],
    ["tsc", "--noEmit", "-p", "examples/web"],
    ["tsc", "--noEmit", "-p", "examples/till"],
    ["tsc", "--noEmit", "-p", "tests/browser"],
  ],
  next: "mend the lines named above",
};
const checkPackage: Tool = {
  does: "Builds the client and checks its package and types as an app would install them.",
  runs: [
    ["attw", "--pack", "src/client", "--profile", "esm-only", "--quiet"],
    ["publint", "--strict", "src/client"],
  ],
  next: "mend what is named above, in src/client",
};

const TOOLS: Readonly<Record<string, Tool>> = {
  lint,
  typecheck,
  "check:package": checkPackage,
  check: {
    does: "Checks format, lint, types and the client's package, and stops at the first that fails.",
    runs: [...lint.runs, ...typecheck.runs, ...checkPackage.runs],
    next: "format and lint are mended by npm run format, the rest by hand where it is named above",
  },
  format: {
    does: "Mends format and imports of TypeScript, JavaScript and JSON, and what lint can mend by itself.",
    runs: [["biome", "check", "--write", "."]],
    next: "what is named above has to be mended by hand",
  },
};

const [name = "", ...args] = process.argv.slice(2);
const tool = TOOLS[name];
if (tool === undefined) wrongUsage(`no tool is called ${name}`, `Known: ${Object.keys(TOOLS).join(", ")}`);

const runs = tool.runs.map((run) => `  ${run.join(" ")}`).join("\n");
await runCommand(
  {
    usage: `Usage: npm run ${name}\n\n${tool.does} It runs:\n\n${runs}\n\n  --help   show this text`,
    options: {},
    async run() {
      for (const toolRun of tool.runs) {
        if ((await exitCode(toolRun)) !== 0) throw new StackError(`${toolRun[0]} found something: ${tool.next}`);
      }
    },
  },
  args,
);

function exitCode([program, ...programArgs]: ToolRun): Promise<number | null> {
  const child = spawn(process.execPath, [packageProgram(program), ...programArgs], {
    cwd: paths.root,
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}
