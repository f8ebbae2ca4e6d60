import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";

/** Data on its way. */
export type Content = AsyncIterable<Uint8Array> | Iterable<Uint8Array | string>;

/** For its owner's eyes, and on the disk when it returns: a machine that loses its power must not leave holes. */
export async function writeDurably(path: string, content: Content, signal?: AbortSignal): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    for await (const chunk of content) {
      signal?.throwIfAborted();
      await file.appendFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The same for the names in a folder. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return; // which cannot open folders
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}

/** Counts and hashes what goes by; nothing is held. */
export function measure(content: AsyncIterable<Uint8Array>, onProgress: (bytes: number) => void = () => undefined) {
  const hash = createHash("sha256");
  let bytes = 0;
  async function* passed() {
    for await (const chunk of content) {
      hash.update(chunk);
      bytes += chunk.length;
      onProgress(bytes);
      yield chunk;
    }
  }
  return {
    content: passed(),
    /** Once all has gone by. */
    result: () => ({ bytes, sha256: hash.digest("hex") }),
  };
}

/** Reads to the end. */
export async function measured(content: AsyncIterable<Uint8Array>, onProgress?: (bytes: number) => void) {
  const { content: passed, result } = measure(content, onProgress);
  for await (const _chunk of passed);
  return result();
}

/** Why files cannot be written, if it is the disk or the rights. */
export function explainWriting(error: unknown, root: string, what: string, instead: string): StackError | undefined {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case "ENOSPC":
    case "EDQUOT":
      return new StackError(
        `the disk of ${root} is full, no ${what} was made: make room there, or choose another ${instead}`,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new StackError(
        `${root} cannot be written (${messageOf(error)}): mend its rights, or choose another ${instead}`,
      );
    default:
      return undefined;
  }
}
