import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Without windows, for which a test pays at every page; it knows no push messages and no bookmarks. */
const SHELLS = ["chromium-headless-shell", "chrome-headless-shell"];
const WHOLE = ["chromium", "chromium-browser", "google-chrome"];

/**
 * The Chromium of this machine: the one that `CHROMIUM` names, or one on the path; undefined when there is none.
 *
 * @param isWhole whether it has to be one that people could use, too.
 */
export function findChromium(isWhole = true): string | undefined {
  const named = process.env["CHROMIUM"];
  if (named !== undefined) return existsSync(named) ? named : undefined;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [...(isWhole ? [] : SHELLS), ...WHOLE]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
}
