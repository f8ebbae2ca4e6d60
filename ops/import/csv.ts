import { StackError } from "../../dev/base/stack-error.ts";
import { runCommand } from "../../dev/commands/command.ts";
import { importFrom, OPTIONS, OPTIONS_HELP } from "./command.ts";
import { openCsv } from "./csv-source.ts";

await runCommand({
  usage: `Usage: npm run import:csv -- FILE [options]

Brings the members of a CSV file into the database of DATABASE_URL, otherwise that of the running local stack: logins with
their old passwords, profiles, balances. Its first line names the columns. Interrupted, it goes on when it is called again;
called twice, it changes nothing.

${OPTIONS_HELP}`,
  options: OPTIONS,
  positionals: ["FILE"],
  run: (values, [file = ""]) =>
    importFrom(file, values, (map) => {
      if (map.tasks !== undefined) throw new StackError("a CSV file holds members alone: take tasks out of the map");
      return openCsv(file, map);
    }),
});
