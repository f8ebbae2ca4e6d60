import { readdirSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../base/stack-error.ts";
import { differencesOf, makeBoth, readDefinitions, sentenceOf } from "../schemas/definitions.ts";
import { areFrozen, NEXT_MIGRATION } from "../schemas/frozen.ts";
import type { DatabaseFactory } from "../stack/database/database-factory.ts";

/**
 * Compares a database made from the migrations with one made from the schemas.
 *
 * @param supabase folder with `config.toml`, `migrations/` and `schemas/`.
 * @param name of this comparison among those on the same factory.
 * @throws StackError naming what differs, and what brings them together.
 */
export async function refuseDifferences(factory: DatabaseFactory, supabase: string, name?: string): Promise<void> {
  const files = readdirSync(join(supabase, "migrations")).filter((file) => file.endsWith(".sql"));
  const { migrations, schemas } = await makeBoth(factory, files.toSorted(), supabase, name);
  const differences = differencesOf(await readDefinitions(migrations), await readDefinitions(schemas)).map(sentenceOf);
  if (differences.length === 0) return;
  const [first = "", ...others] = differences;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  throw new StackError(
    `the schemas and the migrations differ (${first}${more}): ${areFrozen(supabase) ? NEXT_MIGRATION : "npm run db:build"}`,
  );
}
