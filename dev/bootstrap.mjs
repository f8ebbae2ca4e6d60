// Entry of every npm command. Runs on Node 20 without any package: installs what is missing, then hands over to the
// TypeScript command under the Node version that package.json pins.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages } from "./base/install.mjs";
import { takeLock } from "./base/process-lock.mjs";
import { problemOfArguments } from "./stack/start/ports.mjs";

const OLDEST_NODE = 20;
/** A process that runs longer has only the number of the one that installed, as in a container that was started again. */
const LONGEST_INSTALL_MS = 30 * 60_000;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** By subject: command name → what it does (docs/commands.md says the same) and the program behind it. */
const groups = {
  "Every day": {
    start: ["starts the local stack and the app", "dev/stack/main.ts"],
    app: ["serves the app while you edit it, on the stack that runs", "dev/stack/app/main.ts"],
    till: ["serves a till that takes members' codes, for the demo bakery or another shop", "dev/commands/till.ts"],
    test: [
      "runs every check and test this machine can run but the slow ones; -- --all adds them, -- words picks steps by title, -- path runs one file or folder",
      "dev/test/main.ts",
    ],
    check: ["format, lint, types and the client package only", "dev/commands/tools.ts check"],
    format: ["mends format, and what lint can mend by itself", "dev/commands/tools.ts format"],
    docs: ["builds these pages as a site; -- --serve shows it", "dev/docs/main.ts"],
  },
  Database: {
    "db:build": ["writes migrations and rollbacks from supabase/schemas", "dev/commands/db-build.ts"],
    "db:check": [
      "judges whether later migrations are safe, and compares what schemas and migrations make",
      "dev/commands/db-check.ts",
    ],
    "db:freeze": ["freezes the migrations, from 1.0 on", "dev/commands/db-freeze.ts"],
    "db:migration": ["starts a migration after the frozen ones", "dev/commands/db-migration.ts"],
    "db:types": ["writes the types, words and limits of the database for TypeScript", "dev/commands/db-types.ts"],
    "db:reset": ["empties a database, migrates and seeds it", "dev/commands/db-reset.ts"],
    "db:push": ["applies migrations to DATABASE_URL through the Supabase CLI", "dev/commands/db-push.ts"],
    "db:rollback": ["takes the last migrations back", "ops/rollback/main.ts"],
    sql: ["runs SQL as the owner and prints a table", "dev/commands/sql.ts"],
    "db:lint": ["lints functions, policies and indexes", "dev/commands/db-lint.ts"],
    matrix: ["generates the test matrix from docs/rooms/tasks.md", "dev/matrix/main.ts"],
  },
  Operations: {
    doctor: ["examines a database and what belongs to it; --fix repairs what is safe", "ops/doctor/main.ts"],
    jobs: ["does what is due by the clock, where no pg_cron does it", "ops/jobs/main.ts"],
    deploy: [
      "brings this commit to staging or production: checks, backup, migrations, functions, schedule, verification",
      "ops/deploy/main.ts",
    ],
    fleet: ["many communities, a database each: creates, migrates, audits and backs them up", "ops/fleet/main.ts"],
    "ops:backfill": ["fills a column of a table in use, in batches", "ops/backfill/main.ts"],
    "ops:backup": ["makes a backup of a database, and removes those past their time", "ops/backup/main.ts"],
    "ops:restore": ["restores a backup into an empty database, and verifies it", "ops/restore/main.ts"],
    "import:sqlite": [
      "brings the members of a SQLite database, with their passwords and balances",
      "ops/import/sqlite.ts",
    ],
    "import:csv": ["brings the members of a CSV file", "ops/import/csv.ts"],
    "ops:drill": ["backs up, restores and verifies, and measures how long it takes", "ops/drill/main.ts"],
    export: ["writes the whole community into a directory of CSV files", "ops/export/main.ts"],
    import: ["reads an exported community into an empty database, and verifies it", "ops/import-community/main.ts"],
  },
  "Functions and client": {
    "functions:new": ["creates an edge function", "dev/commands/functions-new.ts"],
    "functions:keys": ["prints the secrets of a hosted project's functions", "dev/commands/functions-keys.ts"],
    build: ["builds the client's package, as npm pack ./src/client does by itself", "dev/commands/build.ts"],
    "release:notes": ["checks tag, version and changelog of a release", "dev/commands/release-notes.ts"],
  },
  "One check alone": {
    lint: ["format and lint", "dev/commands/tools.ts lint"],
    typecheck: ["types", "dev/commands/tools.ts typecheck"],
    "check:package": ["the client package as an app would install it", "dev/commands/tools.ts check:package"],
    "test:mutations": [
      "drops every policy, grant, trigger and check in turn and expects a red test",
      "dev/stack/pgtap/mutate.ts",
    ],
    bench: ["measures on a real server", "bench/main.ts"],
  },
};
const commands = new Map(Object.values(groups).flatMap((group) => Object.entries(group)));

await main();

async function main() {
  const [name = "", ...args] = process.argv.slice(2);
  if (name === "help" || name === "--help") return help(args);
  const command = commands.get(name);
  if (!command) return wrongUsage(name === "" ? "which command?" : `unknown command ${name}`);
  const [, program] = command;
  try {
    requireNode();
    if (!isInstalled()) {
      if (name === "start") await requireFreePorts(args);
      await requirePackages();
    }
    const node = requirePinnedNode();
    const [file, ...fixed] = program.split(" ");
    run(node, join(root, file), [...fixed, ...args]);
  } catch (error) {
    console.error(`✖ ${error.message}`);
    process.exit(1);
  }
}

function help(args) {
  const [extra] = args.filter((arg) => arg !== "--help");
  if (extra !== undefined) wrongUsage(`npm run help takes no ${extra}`);
  console.log(usage());
}

function wrongUsage(message) {
  console.error(`${message}\n\n${usage()}`);
  process.exit(2);
}

function usage() {
  const paragraphs = Object.entries(groups).map(([title, group]) => {
    const lines = Object.entries(group).map(([name, [what]]) => `  ${name.padEnd(16)}${what}`);
    return [title, ...lines].join("\n");
  });
  return `Usage: npm run <command> -- [options]    (every command has --help)\n\n${paragraphs.join("\n\n")}`;
}

/** Whoever waits a minute for the packages should not learn only then that a port is taken. */
async function requireFreePorts(args) {
  const problem = await problemOfArguments(args, readFileSync(join(root, "supabase/config.toml"), "utf8"));
  if (problem !== undefined) throw new Error(problem);
}

function requireNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < OLDEST_NODE) {
    throw new Error(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE} or newer from nodejs.org`);
  }
}

async function requirePackages() {
  const release = await takeInstallLock();
  try {
    if (isInstalled()) return; // another start may have done it while we waited
    console.log("Installing packages; the first time this takes a minute …");
    await installPackages(root);
  } finally {
    release();
  }
}

/** Whether node_modules holds exactly the versions of package-lock.json, which also lists the folders of examples/. */
function isInstalled() {
  const wanted = readPackages(join(root, "package-lock.json"));
  const found = readPackages(join(root, "node_modules/.package-lock.json"));
  return Object.entries(wanted).every(([path, { version, optional, link }]) => {
    if (link || !/(?:^|\/)node_modules\//.test(path)) return true;
    // packages for other platforms are in the lock file and rightly not installed
    return path in found ? found[path].version === version : optional === true;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
  } catch (error) {
    if (error.code === "ENOENT") return {};
    throw new Error(`${file} cannot be read (${error.message}): delete node_modules and try again`);
  }
}

/** Two commands started at once must not both run npm ci: the second waits for the first. */
async function takeInstallLock() {
  const lock = join(root, ".cache/install.lock");
  for (let waited = 0; ; waited += 1) {
    const release = takeLock(lock, LONGEST_INSTALL_MS);
    if (release !== undefined) return release;
    if (waited === 0) {
      console.log(`Another command is installing the packages; waiting for it … (if there is none, delete ${lock})`);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function requirePinnedNode() {
  const directory = join(root, "node_modules/node");
  const node = join(directory, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(node)) {
    // npm was told to run no install scripts: the package's own script fetches the program
    spawnSync(process.execPath, ["installArchSpecificPackage.js"], { cwd: directory, stdio: "inherit" });
  }
  if (!existsSync(node)) throw new Error("the pinned Node version is missing: delete node_modules and try again");
  return node;
}

function run(node, program, args) {
  // The channel tells the command when this process is gone without a signal.
  const settings = join(root, ".env");
  const options = [
    "--disable-warning=ExperimentalWarning",
    ...(existsSync(settings) ? [`--env-file=${settings}`] : []),
  ];
  const child = spawn(node, [...options, program, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    // compiled once, by whoever is first; every process that a command starts inherits it
    env: { NODE_COMPILE_CACHE: join(root, ".cache/node"), ...process.env },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => passOn(child, signal));
  stopWithNpm(child);
  child.once("error", (error) => {
    console.error(`✖ ${program} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.once("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
}

/** On Windows Ctrl-C reaches the command by itself, and a signal from us would end it before it has cleaned up. */
function passOn(child, signal) {
  if (process.platform !== "win32") child.kill(signal);
}

/** npm puts a shell between itself and us, which dies of a signal without passing it on; then we get a new parent. */
function stopWithNpm(child) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) child.kill("SIGTERM");
  }, 500).unref();
}
