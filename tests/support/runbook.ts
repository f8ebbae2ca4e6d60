import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { osUserFor } from "../../dev/stack/database/os-user.ts";
import { type Block, blocksOf, chapterOf, expectLines } from "./guide.ts";

// The word behind `sh` of a block; without one the server's user runs it.
const AS_ROOT = "root";
const IN_REPOSITORY = "repository";
/** Only where the old server still runs. */
const LIVE_ONLY = "live";
/** Only a hosted project can run it. */
const HOSTED_ONLY = "hosted";

/** Milliseconds after which commands hang, on a machine that is busy otherwise. */
const PATIENCE = 120_000;

/** The pages of `docs/operations/` that somebody follows in an emergency; their commands are run as they stand. */
export class Runbook {
  /** What the reader has set. */
  readonly variables: Record<string, string>;
  readonly #folder: string;
  readonly #followed = new Set<string>();

  /** @param folder where the commands are run; the server's user has to reach it. */
  constructor(folder: string, variables: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.variables = { ...variables };
  }

  /**
   * Runs every command of a chapter in order, and compares what it prints with the `text` block behind it.
   *
   * @param isLive false leaves out what asks a server that is gone.
   */
  async follow(page: string, chapter: string, isLive = true): Promise<void> {
    const blocks = blocksOf(chapterOf(readPage(page), chapter));
    expect(blocks.length, `${page} has commands in "${chapter}"`).toBeGreaterThan(0);
    for (const [index, block] of blocks.entries()) {
      if (block.language !== "sh" || block.file === HOSTED_ONLY || (block.file === LIVE_ONLY && !isLive)) continue;
      this.#followed.add(`${page}: ${block.text}`);
      const printed = await this.run(block.text, block.file);
      const outcome = blocks[index + 1];
      if (outcome?.language === "text") expectLines(printed, outcome.text);
    }
  }

  /** Runs commands as the page's reader does, and returns what they print. */
  async run(commands: string, who?: string): Promise<string> {
    const bash = ["bash", "--norc", "-euo", "pipefail", "-c", commands];
    const env = { PATH: process.env["PATH"] ?? "", ...this.variables };
    const isOurs = who === AS_ROOT || who === IN_REPOSITORY;
    const user = isOurs ? undefined : osUserFor(this.#folder);
    const [program = "", ...args] = user ? ["runuser", "-u", user.name, "--", ...bash] : bash;
    const cwd = isOurs ? paths.root : this.#folder;
    try {
      return (await promisify(execFile)(program, args, { cwd, env, timeout: PATIENCE })).stdout;
    } catch (error) {
      const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
      throw new Error(`${commands}\n${stdout}${stderr}`, { cause: error });
    }
  }

  /**
   * Fails when a page has commands that nobody has followed and that are not marked as hosted-only.
   *
   * @param elsewhere chapters that another test follows.
   */
  expectFollowed(page: string, elsewhere: readonly string[] = []): void {
    const text = readPage(page);
    const others = new Set(
      elsewhere.flatMap((chapter) => blocksOf(chapterOf(text, chapter)).map((block) => block.text)),
    );
    const commands = blocksOf(text).filter(
      (one) => one.language === "sh" && one.file !== HOSTED_ONLY && !others.has(one.text),
    );
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.filter((one) => !this.#followed.has(`${page}: ${one.text}`)).map(({ line }) => line)).toEqual([]);
  }
}

/** The blocks of a page that only a hosted project can run. */
export function hostedOnly(page: string): Block[] {
  return blocksOf(readPage(page)).filter(({ file }) => file === HOSTED_ONLY);
}

function readPage(page: string): string {
  return readFileSync(join(paths.root, "docs/operations", page), "utf8");
}
