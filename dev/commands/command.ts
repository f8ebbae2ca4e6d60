import { type ParseArgsConfig, parseArgs } from "node:util";
import { explain } from "../../ops/core/explain.ts";
import { messageOf, StackError } from "../base/stack-error.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** One command of the command line. */
export interface Command<O extends Options> {
  /** Shown by `--help` and after a wrong flag. */
  usage: string;
  options: O;
  /** Names of the arguments that are no flags, all of them required; `any` takes as many as there are. */
  positionals?: readonly string[] | "any";
  run(values: ReturnType<typeof parseArgs<{ options: O }>>["values"], positionals: string[]): Promise<void>;
}

/**
 * Runs a command: `--help` prints the usage, a wrong flag prints it and exits with 2, a {@link StackError} is one
 * line and exit code 1. Anything else is a defect and shows where it happened.
 *
 * @param args what was typed behind the command.
 */
export async function runCommand<O extends Options>(
  command: Command<O>,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> {
  const parsed = parse(command, args);
  try {
    await command.run(parsed.values, parsed.positionals);
  } catch (error) {
    fail(error);
  }
}

/** Prints why a command failed and ends the process with exit code 1. */
export function fail(error: unknown): never {
  const known = error instanceof Error && error.name === "PostgresError" ? explain(error, "the database") : undefined;
  if (error instanceof StackError) console.error(`✖ ${error.message}`);
  else if (known !== undefined) console.error(`✖ ${known.message}`);
  else console.error(error instanceof Error ? error.stack : messageOf(error));
  process.exit(1);
}

/** Ends the process with exit code 2: the command was called wrongly. */
export function wrongUsage(message: string, usage: string): never {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}

/** The port that a flag names; ends the process when it is none. */
export function portOf(flag: string, text: string, usage: string): number {
  if (!/^\d{1,5}$/u.test(text) || Number(text) > 65_535) wrongUsage(`${flag} ${text} is not a port number`, usage);
  return Number(text);
}

function parse<O extends Options>({ usage, options, positionals = [] }: Command<O>, args: readonly string[]) {
  if (args.includes("--help")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true });
    if (positionals !== "any" && parsed.positionals.length !== positionals.length) {
      throw new TypeError(
        positionals.length === 0 ? "this command takes only flags" : `missing ${positionals.join(" ")}`,
      );
    }
    return parsed;
  } catch (error) {
    // Node's message goes on with advice that does not apply here.
    return wrongUsage(messageOf(error).replace(/\. To specify a positional argument.*$/, ""), usage);
  }
}
