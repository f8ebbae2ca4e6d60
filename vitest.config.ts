import { defineConfig } from "vitest/config";

// These read the logs of the functions, end their processes, or let them call servers of this machine: they start a stack
// of their own. All other journeys and attacks also run against the stack that TEST_STACK_URL names.
const OWN_STACK = [
  "tests/journeys/{hostile-hosts,notifications,partner-guide.slow,readme,redemption}.test.ts",
  "tests/attacks/{partner-api,redeem,webhooks}.slow.test.ts",
];
/** Files that another step runs (dev/test/steps.ts), and the slow ones where `npm test` leaves them to CI (dev/test/main.ts). */
const leftOut = [
  ...(process.env["TEST_EXCEPT"]?.split(",") ?? []),
  ...(process.env["TEST_WITHOUT_SLOW"] === "true" ? ["**/*.slow.test.ts"] : []),
];
const isRunning = process.env["TEST_STACK_URL"] !== undefined;

// Limits of time end what hangs. They are wide: two runs at once on a busy machine take ten times as long as one alone.
const expect = { poll: { timeout: 20_000 } };

// Folders whose tests share one running stack or one database: their files must not run side by side, unless they say so.
const stackFolder = (folder: string, testTimeout: number, globalSetup: string[] = [], maxWorkers = 1) => ({
  test: {
    name: folder,
    include: [`tests/${folder}/**/*.test.ts`],
    exclude: [...(isRunning ? OWN_STACK : []), ...leftOut],
    globalSetup,
    maxWorkers,
    // one process for all files: what it has compiled, above all the embedded database, serves the next one
    isolate: false,
    unstubEnvs: true,
    restoreMocks: true,
    expect,
    testTimeout,
    hookTimeout: 300_000,
  },
});

export default defineConfig({
  test: {
    teardownTimeout: 120_000,
    projects: [
      {
        test: {
          name: "client",
          include: ["tests/client/**/*.test.ts"],
          expect,
          testTimeout: 60_000,
          typecheck: {
            enabled: true,
            include: ["tests/client/**/*.test-d.ts"],
            tsconfig: "tests/client/tsconfig.json",
          },
        },
      },
      {
        test: {
          name: "dev",
          include: ["dev/**/*.test.ts"],
          exclude: leftOut,
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
      stackFolder("stack", 240_000),
      stackFolder("journeys", 120_000, ["tests/support/stack.setup.ts"]),
      stackFolder("attacks", 120_000, ["tests/support/stack.setup.ts"]),
      stackFolder("package", 240_000, ["tests/package/support/tarball.setup.ts"]),
      stackFolder(
        "browser",
        240_000,
        ["tests/package/support/tarball.setup.ts", "tests/browser/support/stack.setup.ts"],
        2,
      ),
      stackFolder("migrations", 300_000),
      stackFolder("concurrency", 300_000, ["tests/support/cluster.setup.ts"]),
      stackFolder("faults", 300_000),
      stackFolder("operations", 300_000),
    ],
  },
});
