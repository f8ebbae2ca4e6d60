import { runCommand } from "../../dev/commands/command.ts";
import { importFrom, OPTIONS, OPTIONS_HELP } from "./command.ts";
import { copySqlite, openSqlite } from "./sqlite-source.ts";

await runCommand({
  usage: `Usage: npm run import:sqlite -- FILE [options]

Brings the members of a SQLite database into the database of DATABASE_URL, otherwise that of the running local stack: logins
with their old passwords, profiles, balances, and with a map tasks and ratings, too. It is read from a copy, which is kept.
Interrupted, it goes on when it is called again; called twice, it changes nothing.

${OPTIONS_HELP}`,
  options: OPTIONS,
  positionals: ["FILE"],
  run: (values, [file = ""]) =>
    importFrom(file, values, async (map, step) => {
      const copy = await copySqlite(file);
      step(`reading ${copy}`);
      return openSqlite(copy, map);
    }),
});
