import { hash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

/** What a run has come across: exact however many there are, on disk instead of in memory, and gone with the process. */
export class Seen {
  readonly #database = new DatabaseSync("");
  readonly #insert;
  readonly #find;
  readonly #remove;

  constructor() {
    this.#database.exec(`pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -48000;
      create table seen (kind text, key text, primary key (kind, key)) without rowid; begin`);
    this.#insert = this.#database.prepare("insert or ignore into seen values (?, ?)");
    this.#find = this.#database.prepare("select 1 from seen where kind = ? and key = ?");
    this.#remove = this.#database.prepare("delete from seen where kind = ? and key = ?");
  }

  /** False when something of the kind has the key already. */
  claim(kind: string, key: string): boolean {
    return this.#insert.run(kind, key).changes === 1;
  }

  has(kind: string, key: string): boolean {
    return this.#find.get(kind, key) !== undefined;
  }

  release(kind: string, key: string): void {
    this.#remove.run(kind, key);
  }

  close(): void {
    this.#database.close();
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/**
 * The id here of something there, always the same: so a second run finds what the first one brought, and rows find each other. A UUID
 * stays, of anything else one is made (version 5).
 */
export function idOf(source: string, kind: "member" | "task" | "rating", own: string): string {
  const plain = own.toLowerCase();
  if (UUID.test(plain)) return plain;
  const sha1 = hash("sha1", `neighbourhood/${source}/${kind}/${own}`, "hex");
  const variant = ((Number.parseInt(sha1.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return [
    sha1.slice(0, 8),
    sha1.slice(8, 12),
    `5${sha1.slice(13, 16)}`,
    variant + sha1.slice(18, 20),
    sha1.slice(20, 32),
  ].join("-");
}
