import { defineConfig } from "vitest/config";

// These read the logs of the functions, end their processes, or let them call servers of this machine: they start a stack
// of their own. All other journeys and attacks also run against the stack that TEST_STACK_URL names.
const OWN_STACK = [
  "tests/journeys/{notifications,partner-guide,readme,redemption}.test.ts",
  "tests/attacks/{partner-api,redeem,webhooks}.test.ts",
];
const isRunning = process.env["TEST_STACK_URL"] !== undefined;

// Folders whose tests share one running stack or one database: their files must not run side by side.
const stackFolder = (folder: string, testTimeout: number, globalSetup: string[] = []) => ({
  test: {
    name: folder,
    include: [`tests/${folder}/**/*.test.ts`],
    exclude: isRunning ? OWN_STACK : [],
    globalSetup,
    fileParallelism: false,
    testTimeout,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "client",
          include: ["tests/client/**/*.test.ts"],
          testTimeout: 10_000,
          typecheck: {
            enabled: true,
            include: ["tests/client/**/*.test-d.ts"],
            tsconfig: "tests/client/tsconfig.json",
          },
        },
      },
      { test: { name: "dev", include: ["dev/**/*.test.ts"] } },
      stackFolder("stack", 120_000),
      stackFolder("journeys", 30_000, ["tests/support/stack.setup.ts"]),
      stackFolder("attacks", 30_000, ["tests/support/stack.setup.ts"]),
      stackFolder("package", 120_000, ["tests/package/support/tarball.setup.ts"]),
      stackFolder("browser", 60_000, ["tests/package/support/tarball.setup.ts"]),
      stackFolder("migrations", 120_000),
      stackFolder("concurrency", 120_000, ["tests/support/cluster.setup.ts"]),
      stackFolder("faults", 180_000),
    ],
  },
});
