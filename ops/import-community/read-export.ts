import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { measured } from "../core/files.ts";
import { type ExportManifest, MANIFEST, readManifest } from "../export/manifest.ts";

/** An export in a folder of this machine. */
export interface ExportFolder {
  path: string;
  manifest: ExportManifest;
  bytes: number;
}

const PIECE_BYTES = 1024 * 1024;

/** @throws StackError when there is no export, or one of another version of this program. */
export async function openExport(folder: string): Promise<ExportFolder> {
  const path = resolve(folder);
  const text = await readFile(join(path, MANIFEST), "utf8").catch((error: unknown) => {
    throw new StackError(
      `there is no whole export in ${path} (${messageOf(error)}): name a folder that npm run export has written`,
    );
  });
  const manifest = readManifest(path, text);
  return { path, manifest, bytes: Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** A file of it, from its beginning. */
export function readFileOf({ path }: ExportFolder, file: string): AsyncIterable<Uint8Array> {
  return createReadStream(join(path, file), { highWaterMark: PIECE_BYTES });
}

/**
 * Reads every file to its end.
 *
 * @param files name of the file by table.
 * @throws StackError when one is missing, or is not what was written.
 */
export async function checkFiles(
  folder: ExportFolder,
  files: ReadonlyMap<string, string>,
  onProgress: (bytes: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<void> {
  let read = 0;
  for (const [table, file] of files) {
    signal?.throwIfAborted();
    const wanted = folder.manifest.files[table];
    const found = await stat(join(folder.path, file)).catch(() => undefined);
    if (found === undefined) throw new StackError(`${file} is missing in ${folder.path}: copy the whole folder again`);
    const { sha256 } = await measured(readFileOf(folder, file), (bytes) => onProgress(read + bytes));
    if (sha256 !== wanted?.sha256) {
      throw new StackError(
        `${file} in ${folder.path} is not what was exported, its checksum is another: copy it again, or make a new export`,
      );
    }
    read += found.size;
  }
}
