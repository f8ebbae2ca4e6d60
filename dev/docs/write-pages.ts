import { copyFileSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix, sep } from "node:path";
import { paths } from "../base/paths.ts";
import { StackError } from "../base/stack-error.ts";
import { resolveLink, rewriteLinks } from "./links.ts";

/** What the site is built from; written anew each time. */
export const PAGES = join(paths.root, "docs/site/pages");

/** Pages outside of docs/, and what they are called in the site. */
const OUTSIDE: Readonly<Record<string, string>> = {
  "README.md": "readme.md",
  "ARCHITECTURE.md": "architecture.md",
  "CHANGELOG.md": "changelog.md",
  "CONTRIBUTING.md": "contributing.md",
  "GLOSSARY.md": "glossary.md",
  "SECURITY.md": "reporting.md",
  "examples/web/README.md": "app-inside.md",
};
/** Files that pages lead to and that are no pages stand below this folder of the site, as text. */
const FILES = "repository";

/**
 * Writes the pages of the repository as pages of the site: the same texts, with links that hold there.
 *
 * @returns the pages, from the folder of the site.
 */
export function writePages(): string[] {
  rmSync(PAGES, { recursive: true, force: true });
  const sources = [
    ...Object.keys(OUTSIDE),
    ...globSync("docs/**/*.md", { cwd: paths.root, exclude: ["docs/site"] }).map((file) => file.replaceAll(sep, "/")),
  ];
  const addresses = new Map(sources.map((source) => [source, addressOf(source)]));
  for (const [source, address] of addresses) {
    const text = readFileSync(join(paths.root, source), "utf8").replaceAll(/^<!--.*?-->\n/gmu, "");
    writePage(
      address,
      rewriteLinks(text, (target) => siteTarget(source, target, addresses)),
    );
  }
  return [...addresses.values()].toSorted();
}

/** Writes one page of the site. */
export function writePage(address: string, text: string): void {
  const file = join(PAGES, address);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const addressOf = (source: string): string =>
  OUTSIDE[source] ?? source.replace(/^docs\//u, "").replace(/README\.md$/u, "index.md");

function siteTarget(source: string, target: string, addresses: ReadonlyMap<string, string>): string {
  const link = resolveLink(source, target);
  if (link === undefined || target.startsWith("#")) return target;
  const { file, anchor } = link;
  const address = addresses.get(file) ?? addresses.get(`${file}/README.md`);
  const hash = anchor === "" ? "" : `#${anchor}`;
  if (address !== undefined) return `/${address}${hash}`;
  const path = join(paths.root, file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new StackError(`${source} leads to ${target}, which is not there`);
  if (file.startsWith("docs/pictures/")) return keep(path, file.replace(/^docs\//u, ""));
  return stat.isFile() ? keep(path, `${FILES}/${file}.txt`) : listing(file);
}

/** Puts a file beside the pages, as it is. */
function keep(file: string, address: string): string {
  const copy = join(PAGES, "public", address);
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(file, copy);
  return `/${address}`;
}

function listing(folder: string): string {
  const address = posix.join(FILES, `${folder}.md`);
  const files = readdirSync(join(paths.root, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `- [${name}](${keep(join(paths.root, folder, name), `${FILES}/${folder}/${name}.txt`)})`);
  writePage(address, `# ${folder}\n\n${files.join("\n")}\n`);
  return `/${address}`;
}
