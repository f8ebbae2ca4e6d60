import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { paths } from "../base/paths.ts";
import { anchorsOf, linksOf, resolveLink, rewriteLinks } from "./links.ts";

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: paths.root })
  .toString()
  .split("\n")
  .filter((file) => existsSync(join(paths.root, file)));
const isThere = (file: string): boolean =>
  tracked.includes(file) || file === "." || tracked.some((other) => other.startsWith(`${file}/`));
const pages = new Map(
  tracked
    .filter((file) => file.endsWith(".md"))
    .map((file) => [file, readFileSync(join(paths.root, file), "utf8").replaceAll("\r\n", "\n")]),
);

it("every link of every page leads to a file that is there, and to a heading in it", () => {
  const links = [...pages].flatMap(([page, text]) => linksOf(text).map((target) => ({ page, target })));
  expect(links.length).toBeGreaterThan(400);
  const dead = links.filter(({ page, target }) => {
    const found = resolveLink(page, target);
    if (found === undefined) return false;
    const text = pages.get(found.file);
    return !isThere(found.file) || (found.anchor !== "" && text !== undefined && !anchorsOf(text).has(found.anchor));
  });
  expect(dead.map(({ page, target }) => `${page}: ${target}`)).toEqual([]);
});

it("leaves code alone", () => {
  const page = "[a](a.md) `[b](b.md)` [`c`](c.md)\n\n```md\n[d](d.md)\n```\n\n![e](e.png)\n";
  expect(linksOf(page)).toEqual(["a.md", "c.md", "e.png"]);
  expect(rewriteLinks(page, (target) => target)).toBe(page);
});

it("names anchors as GitHub does", () => {
  const page = "# The `x_y` of [it](a.md)\n## What's new?\n## What's new?\n```\n# none\n```\n### Grüße, 2 × 3\n";
  expect([...anchorsOf(page)]).toEqual(["the-x_y-of-it", "whats-new", "whats-new-1", "grüße-2--3"]);
});
