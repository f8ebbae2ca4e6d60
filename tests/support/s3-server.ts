import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths } from "../../dev/base/paths.ts";

/** An S3 server of our own, in a process of its own. */
export interface S3Server {
  /** What a command needs to reach it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it keeps its files: `<folder>/<bucket>/<key>._S3rver_object`. */
  readonly folder: string;
  stop(): Promise<void>;
}

// It leaves the last slash of /bucket/ out when it checks a signature; every current client signs with it.
const PROGRAM = `
  import { createRequire } from "node:module";
  import S3rver from "@20minutes/s3rver";
  const v4 = createRequire(import.meta.url)(process.cwd() + "/node_modules/@20minutes/s3rver/lib/signature/v4.js");
  const { getStringToSign } = v4;
  v4.getStringToSign = (request, signature) =>
    getStringToSign({ ...request, uri: request.uri.replace(/^\\/[^/]+$/u, "$&/") }, signature);
  const [directory, name] = process.argv.slice(1);
  const { port } = await new S3rver({ directory, port: 0, silent: true, configureBuckets: [{ name }] }).run();
  console.log(port);`;

/** Starts one with a bucket. */
export async function startS3Server(bucket: string): Promise<S3Server> {
  const folder = mkdtempSync(join(tmpdir(), "neighbourhood-s3-"));
  const child = spawn(process.execPath, ["--input-type=module", "--eval", PROGRAM, "--", folder, bucket], {
    cwd: paths.root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  return {
    folder,
    environment: {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port.trim()}`,
      // the pair that the server is made with
      AWS_ACCESS_KEY_ID: "S3RVER",
      AWS_SECRET_ACCESS_KEY: "S3RVER",
      AWS_REGION: "us-east-1",
    },
    async stop() {
      const ended = once(child, "exit");
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
