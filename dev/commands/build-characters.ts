import { existsSync } from "node:fs";
import { join } from "node:path";
import { paths } from "../base/paths.ts";
import { charactersScript, charactersSql } from "../schemas/characters.ts";
import { writeOrCheck } from "./generated-file.ts";

/**
 * Writes which characters are what into the schemas and the contracts, or only compares. Nothing where there are schemas
 * without contracts.
 *
 * @throws StackError when it is compared and differs: a newer Node knows more of Unicode.
 */
export function buildCharacters(isCheck: boolean): void {
  const contracts = join(paths.supabase, "functions/_shared/contracts");
  if (!existsSync(contracts)) return;
  writeOrCheck(join(paths.supabase, "schemas/text/characters.sql"), charactersSql(), isCheck, "npm run db:build");
  writeOrCheck(join(contracts, "characters.ts"), charactersScript(), isCheck, "npm run db:build");
}
