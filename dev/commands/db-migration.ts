import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";
import { makeBoth } from "../schemas/definitions.ts";
import { type Draft, draftMigration } from "../schemas/draft.ts";
import { areFrozen, checkMigrations } from "../schemas/frozen.ts";
import { refuseWrongSubject, writeMigration } from "../schemas/next-migration.ts";
import { withDatabaseFactory } from "../stack/database/database-factory.ts";
import { runCommand } from "./command.ts";

const EMPTY: Draft = { sql: "", rollback: "", notes: [] };

await runCommand({
  usage: `Usage: npm run db:migration -- ROOM CHANGE [options]

Starts supabase/migrations/<time>_ROOM_CHANGE.sql and its rollback from what supabase/schemas has and the migrations do not,
once npm run db:freeze was run. Both are tried on a throwaway server from this machine's PostgreSQL; what they do not do yet
stands in them as comments. CHANGE is in small letters: add_urgency.

  --empty   compare nothing and write empty files: for rows, or an index made concurrently; needs no PostgreSQL
  --help    show this text`,
  options: { empty: { type: "boolean", default: false } },
  positionals: ["ROOM", "CHANGE"],
  async run({ empty }, [room = "", change = ""]) {
    const { supabase } = paths;
    if (!areFrozen(supabase)) {
      throw new StackError("the migrations are not frozen: edit supabase/schemas and run npm run db:build");
    }
    const { frozen, later } = checkMigrations(supabase);
    refuseWrongSubject({ room, change }, supabase);
    const draft = empty ? EMPTY : await compare([...frozen, ...later], supabase);
    const file = writeMigration({ room, change }, draft, supabase);
    console.log(`supabase/migrations/${file} and its rollback were written.`);
    for (const note of draft.notes) console.log(`  ! ${note}`);
    console.log(`Next: ${draft.sql === "" ? "write" : "read"} both, then npm run db:check.`);
  },
});

async function compare(migrations: readonly string[], supabase: string): Promise<Draft> {
  console.log("Making one database from the migrations and one from the schemas …");
  return await withDatabaseFactory(async (factory) => {
    const both = await makeBoth(factory, migrations, supabase);
    console.log("Comparing them, and trying the difference there and back …");
    const draft = await draftMigration(both);
    if (draft === undefined) console.log("They are the same, so the files are empty.");
    return draft ?? EMPTY;
  });
}
