import type { Node } from "@pgsql/types";
import type { ParsedStatement } from "../../stack/database/statements.ts";
import type { Catalogue } from "./catalogue.ts";

/** What is wrong with a statement. */
export interface Problem {
  /** In small letters, as a comment `-- allow <rule>: …` names it. */
  readonly rule: string;
  readonly why: string;
  /** What to write in its place. */
  readonly instead: string;
}

/** A problem with the place where it stands. */
export interface Finding extends Problem {
  /** In `supabase/`. */
  readonly file: string;
  readonly line: number;
}

/** A migration or rollback that came after the frozen ones. */
export interface LaterFile {
  /** In `supabase/`. */
  readonly file: string;
  readonly sql: string;
  readonly statements: readonly ParsedStatement[];
}

/** What a rule knows beside the statement it judges. */
export interface Place {
  readonly file: LaterFile;
  /** What is there before this statement runs. */
  readonly catalogue: Catalogue;
}

/** Judges one statement. */
export type Rule = (node: Node, place: Place) => readonly Problem[];
