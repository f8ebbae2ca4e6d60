import { dirname } from "node:path";
import { paths } from "../../dev/base/paths.ts";
import { refuseEdited } from "../../dev/schemas/frozen.ts";
import { CLI_HISTORY_SQL, readMigrations } from "../../dev/stack/database/history.ts";
import { push } from "../../dev/stack/database/migrate.ts";
import { openServerSession } from "../../dev/stack/database/session.ts";
import { readAddress } from "../core/address.ts";
import { codeOf } from "../core/explain.ts";
import { lockFor } from "../core/lock.ts";
import { openOwnerSession } from "../core/owner.ts";
import { withPatience } from "../core/patience.ts";
import { ofRegistry } from "./session.ts";
import { standingOf } from "./standing.ts";

/** How a database is migrated. */
export interface MigrateOptions {
  /** Who owns everything; left out, who owns the product there already. */
  ownerRole?: string;
  /** How long to try again where others hold a table. Default: not at all. */
  patienceSeconds?: number;
}

/**
 * Applies what a database does not have yet, each migration in one transaction, in this process: when it dies, its transaction
 * does. What `npm run db:push` does through the Supabase CLI, whose history is written in the same way.
 *
 * @returns the versions that were applied.
 * @throws StackError with file, line and message; those before it stay.
 */
export async function migrateDatabase(
  url: string,
  { ownerRole, patienceSeconds = 0 }: MigrateOptions = {},
): Promise<string[]> {
  refuseEdited(dirname(paths.migrations));
  return ofRegistry(readAddress(url).name, async () => {
    const applicationName = "neighbourhood fleet";
    const session =
      ownerRole === undefined
        ? await openOwnerSession({ url, applicationName })
        : openServerSession(url, { role: ownerRole, applicationName });
    try {
      await lockFor(session, "ops.fleet", "it is being migrated already: wait for it");
      await session.script(CLI_HISTORY_SQL);
      const { pending } = await standingOf(session);
      const files = readMigrations(paths.migrations).filter(({ version }) => pending.includes(version));
      for (const migration of files) {
        await withPatience(
          patienceSeconds,
          () => push(session, migration),
          isBusy,
          () => undefined,
        );
      }
      return pending;
    } finally {
      await session.close();
    }
  });
}

const isBusy = (error: unknown): boolean => codeOf((error as Error).cause) === "55P03";
