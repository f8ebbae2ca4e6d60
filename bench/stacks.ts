import { SUPERUSER } from "../dev/stack/database/roles.ts";
import { type Stack, startStack } from "../dev/stack/start-stack.ts";
import { createSealer, type Sealer } from "../supabase/functions/_shared/sealing.ts";
import { withSession } from "./databases.ts";
import type { Bench } from "./scenario.ts";
import { openReceiver, type Receiver } from "./webhook-receiver.ts";

/** Where the functions of a stack lie, when not in `supabase/functions`. */
export interface BenchStackOptions {
  functionsRoot?: string;
}

/**
 * Runs work on a local stack: gateway, REST and functions, on a new database of the measured server, empty and without the
 * scheduler, so that nothing runs in between.
 */
export async function withStack<Result>(
  bench: Bench,
  name: string,
  options: BenchStackOptions,
  work: (stack: Stack) => Promise<Result>,
): Promise<Result> {
  const database = `bench_${name}`;
  await withSession(bench.cluster.url(SUPERUSER), (root) => root.script(`create database ${database}`));
  const stack = await bench.progress.step("starting a stack with functions", () =>
    startStack({
      ...options,
      database: { url: bench.cluster.url(SUPERUSER, database) },
      dataDir: "memory",
      port: 0,
      seed: false,
      studio: false,
      jobs: false,
      log: (line) => {
        if (/error|failed/i.test(line)) bench.progress.note(line);
      },
    }),
  );
  try {
    return await work(stack);
  } finally {
    await stack.stop();
  }
}

/** The same beside servers that functions send to, one of which never answers. */
export function withReceiver<Result>(
  bench: Bench,
  name: string,
  work: (stack: Stack, receiver: Receiver) => Promise<Result>,
): Promise<Result> {
  return withStack(bench, name, {}, async (stack) => {
    const receiver = await openReceiver();
    try {
      return await work(stack, receiver);
    } finally {
      await receiver.close();
    }
  });
}

/** Seals and hashes as the functions of this stack do. */
export function sealerOf({ sealingKeys, codeIndexKey }: Stack): Promise<Sealer> {
  const environment: Readonly<Record<string, string>> = { SEALING_KEYS: sealingKeys, CODE_INDEX_KEY: codeIndexKey };
  return createSealer((name) => environment[name]);
}
