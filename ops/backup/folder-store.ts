import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { type BackupStore, MANIFEST, readBackupName, type StoredBackup } from "./store.ts";

/** Where a backup lies until it is complete. */
const UNFINISHED = ".unfinished-";

/** Backups in a folder of this machine, or of one that it has mounted: a folder for each. */
export function folderStore(folder: string): BackupStore {
  const root = resolve(folder);
  const unfinished = (backup: string) => join(root, `${UNFINISHED}${backup}`);

  return {
    address: root,
    check: () => explained(root, async () => void (await mkdir(root, { recursive: true, mode: 0o700 }))),
    list: () =>
      explained(root, async () => {
        const names = (await entries(root)).filter((name) => readBackupName(name) !== undefined);
        return Promise.all(names.map((name) => readBackup(root, name)));
      }),
    write: (backup, file, content, signal) =>
      explained(root, async () => {
        await mkdir(unfinished(backup), { recursive: true, mode: 0o700 });
        await writeDurably(join(unfinished(backup), file), content, signal);
      }),
    finish: (backup, manifest) =>
      explained(root, async () => {
        await writeDurably(join(unfinished(backup), MANIFEST), [manifest]);
        await syncFolder(unfinished(backup));
        await rename(unfinished(backup), join(root, backup));
        await syncFolder(root);
      }),
    read: (backup, file) =>
      explained(root, async () => {
        const finished = join(root, backup, file);
        const path = await stat(finished).then(
          () => finished,
          () => join(unfinished(backup), file),
        );
        await stat(path);
        return createReadStream(path, { highWaterMark: 1024 * 1024 });
      }),
    remove: (backup) =>
      explained(root, async () => {
        // without its manifest first: what is half removed is no backup
        await rm(join(root, backup, MANIFEST), { force: true });
        for (const path of [join(root, backup), unfinished(backup)]) await rm(path, { recursive: true, force: true });
      }),
    async listUnfinished() {
      const names = await explained(root, () => entries(root));
      const complete = new Set((await this.list()).filter(({ manifest }) => manifest !== "").map(({ name }) => name));
      return names
        .map((name) => (name.startsWith(UNFINISHED) ? name.slice(UNFINISHED.length) : name))
        .filter((name) => readBackupName(name) !== undefined && !complete.has(name));
    },
  };
}

async function entries(root: string): Promise<string[]> {
  try {
    return await readdir(root);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function readBackup(root: string, name: string): Promise<StoredBackup> {
  const files = await readdir(join(root, name));
  const sizes = await Promise.all(
    files.map(async (file): Promise<[string, number]> => [file, (await stat(join(root, name, file))).size]),
  );
  const manifest = files.includes(MANIFEST) ? await readFile(join(root, name, MANIFEST), "utf8") : "";
  return { name, manifest, files: new Map(sizes) };
}

/** On the disk when it returns: a machine that loses its power must not have a backup with holes. */
async function writeDurably(path: string, content: Readable | string[], signal?: AbortSignal): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    for await (const chunk of content) {
      signal?.throwIfAborted();
      await file.appendFile(chunk as Uint8Array | string);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return; // which cannot open folders
  const folder = await open(path);
  await folder.sync().finally(() => folder.close());
}

async function explained<Result>(root: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw explain(root, error) ?? error;
  }
}

function explain(root: string, error: unknown): StackError | undefined {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOSPC":
    case "EDQUOT":
      return new StackError(
        `the disk of ${root} is full, no backup was made: make room there, or choose another store`,
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new StackError(
        `${root} cannot be written (${messageOf(error)}): mend its rights, or choose another store`,
      );
    case "ENOTDIR":
    case "EEXIST":
      return new StackError(`${root} is no folder: set BACKUP_STORE to a folder or to s3://bucket/prefix`);
    case "ENOENT":
      return new StackError(`a file of the backup is missing (${messageOf(error)}): choose another backup`);
    default:
      return undefined;
  }
}
