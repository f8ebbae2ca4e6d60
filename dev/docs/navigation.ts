import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StackError } from "../base/stack-error.ts";
import { readRooms } from "../schemas/rooms.ts";
import { PAGES } from "./write-pages.ts";

/** A line of the site's menu. */
export interface Item {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly Item[];
  readonly collapsed?: boolean;
}

const group = (text: string, items: readonly Item[], collapsed = true): Item => ({ text, items, collapsed });

/**
 * The menu: what is named here in this order, and everything else of a folder by its name.
 *
 * @param pages all of them, from the folder of the site.
 * @throws StackError when nobody would find one of them.
 */
export function navigation(pages: readonly string[]): Item[] {
  const rooms = readRooms().map(({ name }) => name);
  const byRoom = (page: string): number => rooms.indexOf(page.replace(/^.*\/|\.md$/gu, ""));
  const inFolder = (folder: string): string[] =>
    pages.filter((page) => page.startsWith(`${folder}/`) && page !== `${folder}/index.md`);
  const inRooms = (folder: string) => inFolder(folder).toSorted((one, other) => byRoom(one) - byRoom(other));
  const items = (...some: readonly string[]): Item[] => some.map(item);
  const menu = [
    group("Start", items("index.md", "start.md", "app.md", "commands.md", "troubleshooting.md"), false),
    group("Use it in your app", [
      ...items("client.md", "errors.md", "columns.md", "notification-types.md"),
      group("Client, call by call", items(...inFolder("client-reference"))),
    ]),
    group("Partners", items("partner-integration.md", "partner-api.md")),
    group("Rooms", items(...inRooms("rooms"))),
    group("Tables", items(...inRooms("diagrams"))),
    group(
      "Change it",
      items(
        "changing.md",
        "app-inside.md",
        "contributing.md",
        "architecture.md",
        "glossary.md",
        "locks.md",
        "lock-table.md",
      ),
    ),
    group("Run it", items("operations/index.md", ...inFolder("operations"))),
    group("Why it is so", [
      ...items("security.md", "performance.md", "decisions/index.md"),
      group("Decisions", items(...inFolder("decisions"))),
    ]),
    group("This version", items("readme.md", "changelog.md", "reporting.md")),
  ];
  const found = JSON.stringify(menu);
  const lost = pages.filter((page) => !found.includes(`"${addressOf(page)}"`));
  if (lost.length > 0) throw new StackError(`${lost.join(", ")}: name it in dev/docs/navigation.ts`);
  return menu;
}

const addressOf = (page: string): string => `/${page.replace(/(?<=^|\/)index\.md$|\.md$/u, "")}`;

function item(page: string): Item {
  const [, heading = page] = /^# (.+)$/mu.exec(readFileSync(join(PAGES, page), "utf8")) ?? [];
  const text = heading
    .replace(/^Room: /u, "")
    .replace(/^Tables of the room /u, "")
    .replaceAll(/\[([^\]]*)\]\([^)]*\)|[`\\]/gu, "$1");
  return { text, link: addressOf(page) };
}
