import { StackError } from "../base/stack-error.ts";
import { runCommand } from "../commands/command.ts";
import { withoutComment } from "../stack/pgtap/comments.ts";
import { runPgTap } from "../stack/pgtap/run.ts";
import { withThrowawayDatabase } from "../stack/pgtap/throwaway.ts";

await runCommand({
  usage: `Usage: node dev/test/comments.ts

Says which tables, columns and functions of the schemas lack a comment.`,
  options: {},
  run: () =>
    withThrowawayDatabase("embedded", async (database) => {
      await runPgTap(database, { patterns: ["000_helpers"] }); // which know what needs one
      const silent = await withoutComment(database);
      if (silent.length > 0)
        throw new StackError(`${silent.join(", ")} has no comment: write it beside its definition`);
    }),
});
