import { relative } from "node:path";
import { watch } from "chokidar";

/** Editors write a file in several steps, and several files one after another. */
const QUIET_MS = 60;

/**
 * Calls back once files below some paths have changed and nothing has happened for a moment. It sees new folders, and files
 * that an editor replaces by another of the same name.
 *
 * @param onChange gets the paths of the files that were added, changed or removed.
 * @returns a function that ends this.
 */
export async function watchFiles(
  paths: readonly string[],
  onChange: (files: readonly string[]) => void,
): Promise<() => Promise<void>> {
  const watcher = watch([...paths], { ignoreInitial: true, ignored: isAside });
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  watcher.on("all", (event, file) => {
    if (event !== "add" && event !== "change" && event !== "unlink") return;
    changed.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const files = [...changed];
      changed.clear();
      onChange(files);
    }, QUIET_MS);
  });
  await new Promise<void>((resolve, reject) => watcher.once("ready", resolve).once("error", reject));
  return async () => {
    clearTimeout(timer);
    await watcher.close();
  };

  /** What editors put beside a file while they write it, and what packages bring along. */
  function isAside(file: string): boolean {
    const below = paths.map((path) => relative(path, file)).find((path) => !path.startsWith("..")) ?? "";
    return /(?:^|[/\\])(?:\.[^/\\]+|node_modules|4913|[^/\\]*~|#[^/\\]*#)(?:[/\\]|$)/u.test(below);
  }
}
