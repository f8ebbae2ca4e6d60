import { posix } from "node:path";
import { slug } from "../../docs/site/.vitepress/slug.ts";

const FENCED = /^(```|~~~)[\s\S]*?^\1\s*$/gmu;
/** Code in a line, which holds no links, or the end of a link or picture with where it leads. */
const CODE_OR_LINK = /`[^`\n]*`|\]\(([^()\s]+)\)/gu;

/** Puts other targets into the links of a page. */
export function rewriteLinks(markdown: string, rewrite: (target: string) => string): string {
  const fences = markdown.match(FENCED) ?? [];
  return markdown
    .split(FENCED)
    .filter((_, index) => index % 2 === 0) // the others are what the expression remembers of a fence
    .map((text, index) => {
      const written = text.replaceAll(CODE_OR_LINK, (found, target?: string) =>
        target === undefined ? found : `](${rewrite(target)})`,
      );
      return `${written}${fences[index] ?? ""}`;
    })
    .join("");
}

/** Where the links of a page lead. */
export function linksOf(markdown: string): string[] {
  const targets: string[] = [];
  rewriteLinks(markdown, (target) => {
    targets.push(target);
    return target;
  });
  return targets;
}

/** The anchors of a page's headings. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of markdown.replaceAll(FENCED, "").matchAll(/^#{1,6} (.+)$/gmu)) {
    const base = slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1"));
    let anchor = base;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${base}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** A link's file, from the top of the repository, and its anchor; undefined when it leads out of the repository. */
export function resolveLink(page: string, target: string): { file: string; anchor: string } | undefined {
  if (/^[a-z]+:/iu.test(target)) return undefined;
  const [path = "", anchor = ""] = target.split("#");
  const file = path === "" ? page : posix.join(posix.dirname(page), decodeURIComponent(path));
  return { file: file.replace(/\/$/u, ""), anchor };
}
