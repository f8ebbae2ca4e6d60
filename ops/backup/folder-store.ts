import { createReadStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { explainWriting, syncFolder, writeDurably } from "../core/files.ts";
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

async function explained<Result>(root: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw explain(root, error) ?? error;
  }
}

function explain(root: string, error: unknown): StackError | undefined {
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOTDIR":
    case "EEXIST":
      return new StackError(`${root} is no folder: set BACKUP_STORE to a folder or to s3://bucket/prefix`);
    case "ENOENT":
      return new StackError(`a file of the backup is missing (${messageOf(error)}): choose another backup`);
    default:
      return explainWriting(error, root, "backup", "store");
  }
}
