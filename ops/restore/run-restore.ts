import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { StackError } from "../../dev/base/stack-error.ts";
import { decrypt, ENCRYPTED } from "../backup/encryption.ts";
import type { BackupFile, Manifest } from "../backup/manifest.ts";
import { findPrograms, type Programs, runToEnd } from "../backup/programs.ts";
import type { BackupStore } from "../backup/store.ts";
import { refuseEmbedded, remember } from "../backup/take-backup.ts";
import type { Database } from "../core/connection.ts";
import { measure } from "../core/files.ts";
import { selectContents } from "./contents.ts";
import { createWhatIsMissing, emptyTarget, inspectTarget, MARK, type Target } from "./target.ts";
import { type Verification, verify } from "./verify.ts";

export interface RestoreOptions {
  /** Overwrites what is in the database. */
  force?: boolean;
  signal?: AbortSignal;
  /** Is told what is overwritten, before it is. */
  onOverwrite?: (contents: readonly string[]) => void;
  /** Is told what is done now. */
  onStep?: (title: string) => void;
}

/** A database that was restored. */
export interface Restored extends Verification {
  /** Roles that were created and log in: they have no password yet. */
  withoutPassword: string[];
}

/**
 * Restores a backup into an empty database: its checksum first, everything in one transaction, and compared with its manifest
 * at the end. Until then the schema `restore_not_finished` says that nobody should use it.
 *
 * @param database a direct connection; on a plain server as a superuser.
 * @throws StackError when the database is not empty, or the backup is damaged: nothing has been changed then; or when
 * PostgreSQL refuses something: the database is empty then.
 */
export async function restore(
  database: Database,
  store: BackupStore,
  manifest: Manifest,
  options: RestoreOptions = {},
): Promise<Restored> {
  const { onStep = () => undefined } = options;
  refuseEmbedded(database);
  const source = Math.floor(manifest.server_version / 10_000);
  if (database.version < source) {
    throw new StackError(
      `${database.name} is PostgreSQL ${database.version}, the backup is from ${source}: restore into ${source} or newer`,
    );
  }
  const programs = findPrograms(Math.max(database.version, manifest.pg_dump_version));
  const target = await inspectTarget(database);
  if (target.contents.length > 0) {
    if (!options.force) {
      throw new StackError(
        `${database.name} is not empty (${target.contents.join(", ")}): choose an empty database, or overwrite all of that with --force`,
      );
    }
    options.onOverwrite?.(target.contents);
  }
  const folder = await mkdtemp(join(tmpdir(), "neighbourhood-restore-"));
  try {
    onStep("fetching the backup and checking its checksums");
    const roles = await fetchFile(store, manifest, manifest.roles, folder, options.signal);
    const dump = await fetchFile(store, manifest, manifest.dump, folder, options.signal);
    onStep("restoring");
    const mark = `Restored from ${manifest.name} and not verified`;
    await emptyTarget(database, target, mark);
    const rolesSql = await readFile(roles, "utf8");
    const withoutPassword = await createWhatIsMissing(database, manifest, rolesSql, target.isSuperuser);
    await load(database, programs, { dump, folder, manifest, target }, options.signal);
    onStep("verifying");
    await database.query("analyze");
    const verification = await verify(database, manifest);
    if (verification.differences.length === 0) await finish(database, store, manifest);
    return { ...verification, withoutPassword };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file of a backup on this machine's disk, decrypted; pg_restore jumps about in it. */
async function fetchFile(
  store: BackupStore,
  manifest: Manifest,
  file: BackupFile,
  folder: string,
  signal?: AbortSignal,
): Promise<string> {
  const path = join(folder, file.name.endsWith(ENCRYPTED) ? file.name.slice(0, -ENCRYPTED.length) : file.name);
  const { content, result } = measure(await store.read(manifest.name, file.name));
  const checked = Readable.from(content, { objectMode: false });
  const damaged = () =>
    new StackError(`${file.name} of ${manifest.name} is damaged: its checksum is another; choose another backup`);
  try {
    await pipeline(
      manifest.is_encrypted ? await decrypt(checked) : checked,
      createWriteStream(path, { mode: 0o600 }),
      ...(signal === undefined ? [] : [{ signal }]),
    );
  } catch (error) {
    if (error instanceof StackError || signal?.aborted) throw signal?.reason ?? error;
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
      throw new StackError(`the disk of ${folder} is full: the backup needs ${file.bytes} bytes there, or set TMPDIR`);
    }
    if (manifest.is_encrypted) throw damaged();
    throw error;
  }
  if (result().sha256 !== file.sha256) throw damaged();
  return path;
}

interface Load {
  dump: string;
  folder: string;
  manifest: Manifest;
  target: Target;
}

async function load(
  database: Database,
  programs: Programs,
  { dump, folder, manifest, target }: Load,
  signal?: AbortSignal,
): Promise<void> {
  const isBare = !target.platform.inOrder.includes("auth.users");
  const selection = selectContents(await runToEnd(programs, "pg_restore", ["--list", dump]), manifest, target.platform);
  const [list, defaults] = [join(folder, "list"), join(folder, "defaults")];
  await writeFile(list, selection.main);
  await writeFile(defaults, selection.defaults);
  const owner = await ownerIn(database, manifest, target);
  // As they were, where everything is ours to give; on a platform all belongs to whoever migrates.
  const ownership =
    isBare && target.isSuperuser ? [] : ["--no-owner", ...(target.isSuperuser ? [`--role=${owner}`] : [])];
  await runToEnd(
    programs,
    "pg_restore",
    ["--single-transaction", "--exit-on-error", `--use-list=${list}`, ...ownership, dump],
    { url: database.url, ...(signal === undefined ? {} : { signal }) },
  );
  const script = await runToEnd(programs, "pg_restore", ["--file=-", `--use-list=${defaults}`, dump]);
  for (const statement of defaultRights(script, manifest.owner, owner)) await database.query(statement);
  if (isBare && target.isSuperuser) {
    await database.query(`do $$ begin
      execute format('alter database %I owner to ${owner}', current_database());
      execute format('alter database %I set search_path = "$user", public, extensions', current_database());
    end $$`);
  }
}

/** Who owns the product's objects in the target. */
async function ownerIn(database: Database, { owner }: Manifest, { isSuperuser }: Target): Promise<string> {
  if (!isSuperuser) {
    const [me] = await database.query<{ name: string }>("select current_user as name");
    return me?.name ?? owner;
  }
  const [role] = await database.query<{ is_there: boolean }>("select to_regrole($1) is not null as is_there", [owner]);
  if (role?.is_there) return owner;
  throw new StackError(`the role ${owner}, which owns the product in the backup, is missing: create it`);
}

/** A dump by schemas leaves out what holds in all of them: that nobody may execute a new function. */
function defaultRights(script: string, from: string, to: string): string[] {
  const isOurs = (line: string) => line.startsWith(`ALTER DEFAULT PRIVILEGES FOR ROLE ${from} `);
  return [
    ...script
      .split("\n")
      .filter(isOurs)
      .map((line) => line.replace(`FOR ROLE ${from} `, `FOR ROLE ${to} `).replace(/;$/u, "")),
    `alter default privileges for role ${to} revoke execute on functions from public`,
  ];
}

/** Now it may be used. What Storage and Realtime need of ours is made anew, because their tables were there already. */
async function finish(database: Database, store: BackupStore, manifest: Manifest): Promise<void> {
  await database.query("select ops.prepare_pictures(), ops.prepare_realtime()");
  await remember(database, store, manifest);
  await database.query(`drop schema ${MARK}`);
}
