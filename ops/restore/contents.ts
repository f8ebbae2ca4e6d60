import { OWN_SCHEMAS, PLATFORM_SCHEMAS } from "../backup/facts.ts";
import type { Manifest } from "../backup/manifest.ts";

/** One line of `pg_restore --list`. */
interface Entry {
  line: string;
  type: string;
  schema: string;
  name: string;
}

/** Tables of Auth and Storage that a target has already. */
export interface PlatformTables {
  /** The schemas that have them. */
  schemas: readonly string[];
  /** `auth.users` before `auth.identities`: in an order that foreign keys allow. */
  inOrder: readonly string[];
}

/** Which entries of a dump are restored, as files for `pg_restore --use-list`. */
export interface Selection {
  main: string;
  /** Default rights name the owner and are said by a script, because the owner may have another name here. */
  defaults: string;
}

/**
 * Chooses what is restored: all of the product's schemas; of the platform's everything when the target lacks them, else only
 * rows and the product's triggers.
 *
 * @param list what `pg_restore --list` printed.
 */
export function selectContents(list: string, manifest: Manifest, platform: PlatformTables): Selection {
  const entries = list.split("\n").flatMap(readEntry);
  const chosen = entries.filter((entry) => isChosen(entry, manifest, platform));
  const [defaults, main] = [chosen.filter(isDefault), chosen.filter((entry) => !isDefault(entry))];
  return { main: text(rowsInOrder(main, platform)), defaults: text(defaults) };
}

const text = (entries: readonly Entry[]): string => entries.map(({ line }) => `${line}\n`).join("");

const isDefault = ({ type }: Entry): boolean => type === "DEFAULT ACL";

function readEntry(line: string): Entry[] {
  const [, type, schema, name] = /^\d+; \d+ \d+ ([A-Z]+(?: [A-Z]+)*) (\S+) (.*)$/u.exec(line) ?? [];
  if (type === undefined || schema === undefined || name === undefined) return [];
  // `SCHEMA - auth owner`, `ACL - SCHEMA auth owner`: what is about a schema is in none
  return [{ line, type, name, schema: schema === "-" ? (name.replace(/^SCHEMA /u, "").split(" ")[0] ?? "") : schema }];
}

function isChosen({ type, schema, name }: Entry, { triggers }: Manifest, { schemas }: PlatformTables): boolean {
  if (isOneOf(OWN_SCHEMAS, schema)) return !(type === "SCHEMA" && schema === "public");
  if (!isOneOf(PLATFORM_SCHEMAS, schema)) return false;
  if (!schemas.includes(schema) || type === "TABLE DATA" || type === "SEQUENCE SET") return true;
  // those of Storage are made by ops.prepare_pictures() with the policies beside them
  const isOurs = triggers.some((one) => one.schema === schema && name.startsWith(`${one.table} ${one.name} `));
  return type === "TRIGGER" && schema === "auth" && isOurs;
}

const isOneOf = (schemas: readonly string[], schema: string): boolean => schemas.includes(schema);

/** Where the platform's tables have their foreign keys already, their rows change places among each other. */
function rowsInOrder(entries: readonly Entry[], { schemas, inOrder }: PlatformTables): Entry[] {
  const isMoved = ({ type, schema }: Entry) =>
    type === "TABLE DATA" && isOneOf(PLATFORM_SCHEMAS, schema) && schemas.includes(schema);
  const place = ({ schema, name }: Entry) => inOrder.indexOf(`${schema}.${name.split(" ")[0]}`);
  const moved = entries.filter(isMoved).toSorted((a, b) => place(a) - place(b));
  return entries.map((entry) => (isMoved(entry) ? (moved.shift() ?? entry) : entry));
}
