import { StackError } from "../../dev/base/stack-error.ts";
import { folderStore } from "./folder-store.ts";
import { s3Store } from "./s3-store.ts";
import type { BackupStore } from "./store.ts";

/**
 * The store of an address, else that of BACKUP_STORE.
 *
 * @throws StackError when there is none.
 */
export function openStore(address = process.env["BACKUP_STORE"]): BackupStore {
  if (address === undefined || address === "") {
    throw new StackError(
      "where are backups kept? Set BACKUP_STORE to a folder (/var/backups/neighbourhood) or to s3://bucket/prefix",
    );
  }
  return address.startsWith("s3:") ? s3Store(address) : folderStore(address);
}
