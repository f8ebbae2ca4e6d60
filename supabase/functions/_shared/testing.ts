/**
 * What the tests of several functions stand on.
 *
 * @module
 */
import type { CommandArgs, CommandName, Database } from "./database.ts";

/** Arguments as a fake command sees them. */
export type FakeArgs = Readonly<Record<string, unknown>>;

/** A command that was called. */
export interface FakeCall {
  readonly command: string;
  readonly args: FakeArgs;
}

/** Commands by name: functions that answer or throw. */
export type FakeCommands = Readonly<Partial<Record<CommandName, (args: FakeArgs) => unknown>>>;

/** A database of these commands alone, and what was called. */
export function fakeDatabase(commands: FakeCommands): { database: Database; calls: FakeCall[] } {
  const calls: FakeCall[] = [];
  const database: Database = {
    async call<Name extends CommandName, Result>(command: Name, args: CommandArgs<Name>): Promise<Result> {
      // As they arrive: without what is undefined.
      const received = JSON.parse(JSON.stringify(args)) as FakeArgs;
      calls.push({ command, args: received });
      const run = commands[command];
      if (run === undefined) throw new Error(`${command} was not expected`);
      return (await run(received)) as Result;
    },
  };
  return { database, calls };
}
