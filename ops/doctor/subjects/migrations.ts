import { paths } from "../../../dev/base/paths.ts";
import { readMigrations } from "../../../dev/stack/database/history.ts";
import { type Finding, type Findings, ill, orFine } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";

/** A migration of this checkout. */
export interface Wanted {
  readonly version: string;
  readonly file: string;
  readonly checksum: string;
}

/** A migration that the database has; no checksum where the Supabase CLI applied it. */
export interface Applied {
  readonly version: string;
  readonly checksum: string | null;
}

export const migrations: DatabaseSubject = {
  name: "migrations",
  about: "whether database and checkout have the same migrations",
  async ask({ ask }) {
    const [has] = await ask<{ history: boolean; checksums: boolean }>(`
      select to_regclass('supabase_migrations.schema_migrations') is not null as history,
        to_regclass('local_stack.migration_checksums') is not null as checksums`);
    const applied = has?.history
      ? await ask<Applied>(
          has.checksums
            ? `select m.version, c.checksum from supabase_migrations.schema_migrations m
               left join local_stack.migration_checksums c using (version) order by 1`
            : "select m.version, null as checksum from supabase_migrations.schema_migrations m order by 1",
        )
      : [];
    return judgeMigrations(readMigrations(paths.migrations), applied);
  },
};

/** Whether a database has exactly the migrations of this checkout. */
export function judgeMigrations(wanted: readonly Wanted[], applied: readonly Applied[]): Findings {
  if (applied.length === 0) return [ill("never_migrated", "the database has no migrations yet", "npm run db:push")];
  const pending = wanted.filter(({ version }) => !applied.some((had) => had.version === version));
  const unknown = applied.filter(({ version }) => !wanted.some((one) => one.version === version));
  const edited = wanted.filter(({ version, checksum }) =>
    applied.some((had) => had.version === version && had.checksum !== null && had.checksum !== checksum),
  );
  const findings: Finding[] = [];
  if (pending.length > 0) {
    findings.push(
      ill("migration_pending", `not applied: ${listed(pending.map(({ file }) => file))}`, "npm run db:push"),
    );
  }
  if (unknown.length > 0) {
    const says = `applied, but unknown to this checkout: ${listed(unknown.map(({ version }) => version))}`;
    findings.push(
      ill("migration_unknown", says, "git pull: the database is newer than this checkout, or from another branch"),
    );
  }
  if (edited.length > 0) {
    const says = `edited since they were applied: ${listed(edited.map(({ file }) => file))}`;
    findings.push(
      ill(
        "migration_edited",
        says,
        "npm run db:check, then git restore the files, or db:reset a database without people",
      ),
    );
  }
  const unchecked = applied.filter(({ checksum }) => checksum === null).length;
  const note = unchecked > 0 ? `; ${unchecked} were applied by the Supabase CLI, which keeps no checksum` : "";
  return orFine(findings, `all ${wanted.length} are applied${note}`);
}

const listed = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(", ") : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
