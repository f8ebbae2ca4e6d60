import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A directory that is deleted after the test. The database server's user may enter it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "nh-stack-test-"));
  chmodSync(directory, 0o755);
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
