import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { Decrypter, Encrypter } from "age-encryption";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";

/** Ends the name of a file that is encrypted, as the program `age` names it. */
export const ENCRYPTED = ".age";

/**
 * Who backups are encrypted for: the public keys of BACKUP_AGE_RECIPIENTS, separated by commas. Their private keys are needed
 * for a restore alone and are best kept elsewhere.
 *
 * @throws StackError when one is none.
 */
export function recipients(text = process.env["BACKUP_AGE_RECIPIENTS"]): string[] {
  const keys = (text ?? "").split(",").map((key) => key.trim());
  const given = keys.filter((key) => key !== "");
  try {
    for (const key of given) new Encrypter().addRecipient(key);
  } catch {
    throw new StackError("BACKUP_AGE_RECIPIENTS holds no public keys of age: write age1…, as age-keygen prints it");
  }
  return given;
}

/** Encrypts for `recipients`, as the program `age` does. */
export async function encrypt(content: Readable, recipientKeys: readonly string[]): Promise<Readable> {
  const encrypter = new Encrypter();
  for (const key of recipientKeys) encrypter.addRecipient(key);
  return Readable.fromWeb((await encrypter.encrypt(Readable.toWeb(content) as never)) as unknown as ReadableStream);
}

/**
 * Decrypts with the private keys of the file that BACKUP_AGE_IDENTITY_FILE names.
 *
 * @throws StackError when there is none, or none of them fits.
 */
export async function decrypt(content: Readable): Promise<Readable> {
  const decrypter = new Decrypter();
  for (const key of identities()) decrypter.addIdentity(key);
  try {
    return Readable.fromWeb((await decrypter.decrypt(Readable.toWeb(content) as never)) as unknown as ReadableStream);
  } catch (error) {
    content.destroy();
    if (!/no identity matched/iu.test(messageOf(error))) throw error;
    throw new StackError("the backup is encrypted for other keys than those of BACKUP_AGE_IDENTITY_FILE: name theirs");
  }
}

function identities(): string[] {
  const file = process.env["BACKUP_AGE_IDENTITY_FILE"];
  if (file === undefined || file === "") {
    throw new StackError("the backup is encrypted: set BACKUP_AGE_IDENTITY_FILE to the file with its private key");
  }
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new StackError(`BACKUP_AGE_IDENTITY_FILE cannot be read (${messageOf(error)})`);
  }
  const keys = text.split("\n").filter((line) => line.startsWith("AGE-SECRET-KEY-"));
  if (keys.length === 0) throw new StackError(`${file} holds no private key of age (AGE-SECRET-KEY-…)`);
  return keys;
}
