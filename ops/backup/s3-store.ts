import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { type BackupStore, MANIFEST, readBackupName, type StoredBackup } from "./store.ts";

/** An upload has at most 10,000 parts, so a file at most 160 GB. Of these, three are in memory. */
const PART_BYTES = 16 * 1024 * 1024;

/**
 * Backups in a bucket, as `<prefix>/<backup>/<file>`. Nothing can be renamed there, so the manifest comes last and makes the
 * backup. Keys, region and endpoint come from where every AWS tool has them (`AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL_S3` …).
 *
 * @param address `s3://bucket/prefix`.
 */
export function s3Store(address: string): BackupStore {
  const { bucket, prefix } = parse(address);
  const endpoint = process.env["AWS_ENDPOINT_URL_S3"];
  const client = new S3Client({
    region: process.env["AWS_REGION"] ?? "us-east-1",
    // servers beside Amazon's have no host for each bucket, and not all know its newer checksums
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  const key = (backup: string, file: string) => `${prefix}${backup}/${file}`;
  const explained = <Result>(work: () => Promise<Result>) => explain(address, endpoint, work);

  async function objects(under: string): Promise<{ key: string; size: number }[]> {
    const found: { key: string; size: number }[] = [];
    for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: under })) {
      for (const { Key, Size } of page.Contents ?? []) found.push({ key: Key ?? "", size: Size ?? 0 });
    }
    return found;
  }

  /** Files by backup, whether it is finished or not. */
  async function groups(): Promise<Map<string, Map<string, number>>> {
    const found = new Map<string, Map<string, number>>();
    for (const { key: path, size } of await objects(prefix)) {
      const [backup = "", file = ""] = path.slice(prefix.length).split("/");
      if (readBackupName(backup) === undefined) continue;
      found.set(backup, (found.get(backup) ?? new Map<string, number>()).set(file, size));
    }
    return found;
  }

  async function openUploads(under: string): Promise<{ key: string; id: string }[]> {
    try {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: under }));
      return Uploads.map(({ Key = "", UploadId = "" }) => ({ key: Key, id: UploadId }));
    } catch (error) {
      if ((error as Error).name === "NotImplemented") return []; // such a server takes them away by itself, or keeps them
      throw error;
    }
  }

  async function readText(path: string): Promise<string> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: path }));
    return (await Body?.transformToString()) ?? "";
  }

  return {
    address,
    // not HeadBucket, whose answer does not say what is wrong
    check: () =>
      explained(async () => {
        await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      }),
    list: () =>
      explained(async () => {
        const finished = [...(await groups())].filter(([, files]) => files.has(MANIFEST));
        return Promise.all(
          finished.map(
            async ([name, files]): Promise<StoredBackup> => ({
              name,
              manifest: await readText(key(name, MANIFEST)),
              files,
            }),
          ),
        );
      }),
    write: (backup, file, content, signal) =>
      explained(async () => {
        const upload = new Upload({
          client,
          params: { Bucket: bucket, Key: key(backup, file), Body: content },
          partSize: PART_BYTES,
          queueSize: 2,
        });
        const abort = () => void upload.abort();
        signal?.addEventListener("abort", abort, { once: true });
        try {
          await upload.done();
          signal?.throwIfAborted();
        } finally {
          signal?.removeEventListener("abort", abort);
        }
      }),
    finish: (backup, manifest) =>
      explained(async () => {
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: key(backup, MANIFEST), Body: manifest }));
      }),
    read: (backup, file) =>
      explained(async () => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key(backup, file) }));
        if (!(Body instanceof Readable)) throw new Error(`${file} of ${backup} is empty`);
        return Body;
      }),
    remove: (backup) =>
      explained(async () => {
        for (const { key: path, id } of await openUploads(`${prefix}${backup}/`)) {
          await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: path, UploadId: id }));
        }
        const all = (await objects(`${prefix}${backup}/`)).map(({ key: path }) => path);
        // without its manifest first: what is half removed is no backup
        const [manifest, others] = [[key(backup, MANIFEST)], all.filter((path) => path !== key(backup, MANIFEST))];
        for (const paths of [manifest, others]) {
          if (paths.length === 0) continue;
          const Delete = { Objects: paths.map((Key) => ({ Key })), Quiet: true };
          const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete }));
          if (Errors[0] !== undefined) throw new Error(`${Errors[0].Key}: ${Errors[0].Message}`);
        }
      }),
    listUnfinished: () =>
      explained(async () => {
        const begun = [...(await groups())].filter(([, files]) => !files.has(MANIFEST)).map(([name]) => name);
        const uploads = (await openUploads(prefix)).map(
          ({ key: path }) => path.slice(prefix.length).split("/")[0] ?? "",
        );
        return [...new Set([...begun, ...uploads])].filter((name) => readBackupName(name) !== undefined);
      }),
  };
}

function parse(address: string): { bucket: string; prefix: string } {
  const [, bucket, path = ""] = /^s3:\/\/([^/]+)\/?(.*)$/u.exec(address) ?? [];
  if (bucket === undefined) throw new StackError(`${address} is no store: write s3://bucket/prefix, or a folder`);
  return { bucket, prefix: path === "" || path.endsWith("/") ? path : `${path}/` };
}

/** What S3 refuses with, and what to do. */
const REFUSALS: Readonly<Record<string, (address: string) => string>> = {
  NoSuchBucket: (address) => `there is no bucket for ${address}: create it, or mend BACKUP_STORE`,
  NoSuchKey: (address) => `a file of the backup is missing in ${address}: choose another backup`,
  InvalidAccessKeyId: (address) => `${address} does not know this access key: mend AWS_ACCESS_KEY_ID`,
  SignatureDoesNotMatch: (address) => `${address} refuses the secret key: mend AWS_SECRET_ACCESS_KEY`,
  AccessDenied: (address) =>
    `${address} may not be used with these keys: allow them to list, read, write and delete there`,
  Forbidden: (address) => `${address} refuses these keys: mend AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
  CredentialsProviderError: (address) =>
    `there are no keys for ${address}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
  PermanentRedirect: (address) => `the bucket of ${address} is in another region: set AWS_REGION`,
};

async function explain<Result>(
  address: string,
  endpoint: string | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StackError || (error as Error).name === "AbortError") throw error;
    const { name, code, $metadata } = error as Error & { code?: string; $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    const known = REFUSALS[name] ?? REFUSALS[String(code)] ?? (status === 403 ? REFUSALS["Forbidden"] : undefined);
    if (known !== undefined) throw new StackError(known(address), { cause: error });
    if (status !== undefined && status >= 500) {
      throw new StackError(`${address} does not work at the moment (${status} ${name}): try again later`, {
        cause: error,
      });
    }
    if (status !== undefined) {
      throw new StackError(`${address} refuses (${status} ${messageOf(error)}): look at bucket and keys`, {
        cause: error,
      });
    }
    if (code !== undefined) {
      const place = endpoint ?? "Amazon S3";
      throw new StackError(`${place} cannot be reached (${code}): look at AWS_ENDPOINT_URL_S3 and at the network`, {
        cause: error,
      });
    }
    throw error;
  }
}
