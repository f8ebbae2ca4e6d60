import { StackError } from "../../dev/base/stack-error.ts";
import { countRows } from "../backup/facts.ts";
import type { Queries } from "../core/connection.ts";
import { inForeignKeyOrder } from "../core/foreign-keys.ts";
import { appliedVersions } from "../core/history.ts";
import type { ExportManifest } from "../export/manifest.ts";
import { nextOfSequences, type Table, tablesOfTheCommunity } from "../export/scope.ts";

/** Tables that migrations and jobs fill before anybody is there; an import replaces what is in them. */
const FILLED_FROM_THE_START = [
  "private.activity_progress",
  "private.alert_thresholds",
  "private.community_clocks",
  "private.job_progress",
  "private.settings",
  "private.statistics_progress",
  "public.categories",
  "public.notification_types",
  "storage.buckets",
];

/** A table of the target, with the columns in the order of its file. */
export type Filling = Table;

/**
 * Says whether an export fits into a database.
 *
 * @param place name of the database, for people.
 * @returns what is filled, in an order that foreign keys allow.
 * @throws StackError when it does not fit.
 */
export async function judge(session: Queries, manifest: ExportManifest, place: string): Promise<Filling[]> {
  await refuseOtherVersion(session, manifest, place);
  const tables = await tablesOfTheCommunity(session);
  const known = new Map(tables.map((table) => [table.name, table]));
  for (const [name, rows] of Object.entries(manifest.rows)) {
    if (rows > 0 && !known.has(name))
      throw new StackError(`${place} has no table ${name}, which has ${rows} rows in the export: ${MAKE_ALIKE}`);
  }
  const fillings = tables.flatMap((table) => {
    const columns = manifest.files[table.name]?.columns;
    if (columns === undefined && !table.isOurs) return [];
    if (columns === undefined)
      throw new StackError(`the export has no table ${table.name}, ${place} has: ${MAKE_ALIKE}`);
    const unknown = columns.filter((column) => !table.columns.includes(column));
    const missing = table.columns.filter((column) => table.isOurs && !columns.includes(column));
    if (unknown.length > 0)
      throw new StackError(`${table.name} in ${place} lacks ${unknown.join(", ")}: ${alike(table)}`);
    if (missing.length > 0)
      throw new StackError(`${table.name} in the export lacks ${missing.join(", ")}: ${MAKE_ALIKE}`);
    return [{ ...table, columns }];
  });
  const sequences = Object.keys(await nextOfSequences(session));
  if (sequences.join() !== Object.keys(manifest.sequences).join()) {
    throw new StackError(`the sequences of ${place} are not those of the export: ${MAKE_ALIKE}`);
  }
  await refuseFilled(session, fillings, place);
  return inForeignKeyOrder(fillings).flatMap((name) => fillings.filter((filling) => filling.name === name));
}

const MAKE_ALIKE = "both must be migrated from the same checkout, and have the same tables besides";

const alike = ({ isOurs }: Table) =>
  isOurs ? MAKE_ALIKE : "its Auth or Storage is older than that of the export, update it first";

async function refuseOtherVersion(session: Queries, manifest: ExportManifest, place: string): Promise<void> {
  const { migrations, schema_version } = manifest;
  const applied = await appliedVersions(session);
  const found = applied.at(-1);
  if (found === undefined) throw new StackError(`${place} does not hold the product: run npm run db:push first`);
  if (applied.join() === migrations.join()) return;
  const isOlder = found < schema_version || applied.length < migrations.length;
  throw new StackError(
    `${place} has ${applied.length} migrations up to ${found}, the export ${migrations.length} up to ${schema_version}: ${
      isOlder
        ? "run npm run db:push with the checkout of the export"
        : "migrate the exported database, and export it again"
    }`,
  );
}

async function refuseFilled(session: Queries, tables: readonly Table[], place: string): Promise<void> {
  const names = tables.map(({ name }) => name).filter((name) => !FILLED_FROM_THE_START.includes(name));
  const filled = await session.query<{ name: string }>(
    names
      .map((name) => `select '${name.replaceAll("'", "''")}' as name where exists (select from ${name})`)
      .join(" union all "),
  );
  if (filled.length === 0) return;
  const counts = await countRows(
    session,
    filled.map(({ name }) => name),
  );
  const words = Object.entries(counts).map(([name, count]) => `${count} rows in ${name}`);
  const more = words.length > 3 ? [`${words.length - 3} tables more`] : [];
  throw new StackError(
    `${place} is not empty (${[...words.slice(0, 3), ...more].join(", ")}): take a new database and run npm run db:push there`,
  );
}
