import { type ChildProcess, execFile, spawn } from "node:child_process";
import { connect } from "node:net";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";

/** A fenced block of a page. */
export interface Block {
  line: number;
  language: string;
  /** Behind the language: the file that the block is; undefined for one that is run or read as it stands. */
  file: string | undefined;
  text: string;
}

/** A block of a guide that is run, and the block behind it that says what comes of it. */
export interface GuideStep extends Pick<Block, "line" | "text"> {
  language: "sh" | "js";
  /** Where the script is, in the reader's folder; undefined when it has no file. */
  file?: string;
  expected: string;
}

const ROOT = resolve(import.meta.dirname, "../..");
const FENCE = /^```(\w*)(?: (\S+))?\n([\s\S]*?)^```$/gmu;
/** What has to follow what. */
const OUTCOMES = { sh: "http", js: "text" } as const;
const ANYTHING = "…";
/** Stands for any number of lines. */
const MORE_LINES = "⋮";
const VARIABLE = /^\$([A-Z_]+)$/u;

/** All blocks of a page, in order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(FENCE)].map(({ 1: language = "", 2: file, 3: text = "", index }) => ({
    language,
    file,
    text,
    line: markdown.slice(0, index).split("\n").length,
  }));
}

/** The text under a heading of the second level, up to the next one. */
export function chapterOf(markdown: string, title: string): string {
  const [, text] = markdown.split(`\n## ${title}\n`);
  if (text === undefined) throw new Error(`there is no chapter "${title}"`);
  return text.split("\n## ")[0] ?? "";
}

/** The steps of a guide. Every block counts: one that cannot be run, or whose outcome is not told, is an error. */
export function stepsOf(blocks: readonly Block[]): GuideStep[] {
  const steps: GuideStep[] = [];
  for (let index = 0; index < blocks.length; index += 2) {
    const [block, outcome] = blocks.slice(index, index + 2);
    const language = block?.language === "js" ? "js" : "sh";
    if (block?.language !== language || outcome?.language !== OUTCOMES[language]) {
      throw new Error(`line ${block?.line}: only "sh" with "http" behind it, or "js" with "text", may stand here`);
    }
    steps.push({ language, text: block.text, line: block.line, expected: outcome.text });
  }
  return steps;
}

/** Runs the steps of a guide as its reader would, and keeps what answers name for later steps. */
export class GuideReader {
  readonly variables: Record<string, string>;
  readonly #servers: ChildProcess[] = [];
  readonly #folder: string;

  constructor(variables: Readonly<Record<string, string>>, folder: string = ROOT) {
    this.variables = { ...variables };
    this.#folder = folder;
  }

  /** Names of the variables a step needs and nobody has set. */
  missing({ text }: GuideStep): string[] {
    const names = [...text.matchAll(/\$([A-Z_]+)\b/gu)].map(([, name = ""]) => name);
    return names.filter((name) => this.variables[name] === undefined);
  }

  /** Runs a step and compares. A server goes on running; `provoke` makes it print what the guide promises. */
  async follow(step: GuideStep, provoke: () => Promise<void> = async () => undefined): Promise<void> {
    if (step.language === "sh") {
      const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", step.text], this.#surroundings());
      this.#expectAnswer(stdout, step.expected);
    } else if (step.text.includes(".listen(")) {
      await this.#serve(step, provoke);
    } else {
      const { stdout } = await promisify(execFile)(process.execPath, scriptArguments(step), this.#surroundings());
      this.#expectLines(stdout, step.expected);
    }
  }

  close(): void {
    for (const server of this.#servers) server.kill();
  }

  #surroundings(): { cwd: string; env: Record<string, string> } {
    return { cwd: this.#folder, env: { PATH: process.env["PATH"] ?? "", ...this.variables } };
  }

  async #serve(step: GuideStep, provoke: () => Promise<void>): Promise<void> {
    const [, portName = ""] = /\.listen\(process\.env\.(\w+)\)/u.exec(step.text) ?? [];
    const server = spawn(process.execPath, scriptArguments(step), this.#surroundings());
    this.#servers.push(server);
    let printed = "";
    for (const stream of [server.stdout, server.stderr]) stream.on("data", (chunk) => (printed += String(chunk)));
    await expect.poll(() => takesConnections(Number(this.variables[portName])), { timeout: 30_000 }).toBe(true);
    await provoke();
    await expect.poll(() => printed.split("\n").length, { timeout: 30_000 }).toBeGreaterThan(1);
    this.#expectLines(printed, step.expected);
  }

  /** Compares what `curl -i` printed with status and body of an answer. */
  #expectAnswer(printed: string, expected: string): void {
    const [, status = "", body = ""] =
      /^(?:HTTP\/1\.1 1\d\d.*?\r\n\r\n)*HTTP\/1\.1 (\d+).*?\r\n\r\n(.*)$/su.exec(printed) ?? [];
    const [, expectedStatus, expectedBody = ""] = /^HTTP\/1\.1 (\d+)\n([\s\S]*)$/u.exec(expected) ?? [];
    expect({ status, body }).toEqual({ status: expectedStatus, body: expect.any(String) });
    if (expectedBody.startsWith("{")) {
      const actual: unknown = JSON.parse(body);
      expect(actual).toEqual(this.#filledIn(JSON.parse(expectedBody), actual));
    } else {
      this.#expectLines(body, expectedBody);
    }
  }

  /** What is expected, with everything that the guide leaves open taken from what came. */
  #filledIn(expected: unknown, actual: unknown): unknown {
    if (expected === ANYTHING) return actual;
    const [, name] = typeof expected === "string" ? (VARIABLE.exec(expected) ?? []) : [];
    if (name !== undefined) {
      this.variables[name] ??= String(actual);
      return this.variables[name] === String(actual) ? actual : this.variables[name];
    }
    if (Array.isArray(expected)) {
      if (expected[0] === ANYTHING) return actual;
      return expected.map((item, index) => this.#filledIn(item, Array.isArray(actual) ? actual[index] : undefined));
    }
    if (typeof expected !== "object" || expected === null) return expected;
    const found = typeof actual === "object" && actual !== null ? (actual as Record<string, unknown>) : {};
    const named = Object.entries(expected).filter(([key]) => key !== ANYTHING);
    return { ...found, ...Object.fromEntries(named.map(([key, value]) => [key, this.#filledIn(value, found[key])])) };
  }

  #expectLines(printed: string, expected: string): void {
    for (const [name, value] of expectLines(printed, expected)) this.variables[name] ??= value;
  }
}

/**
 * Compares what was printed with what a page says: `…` stands for anything in a line, a line `⋮` for any lines.
 *
 * @returns what stood where the page has a variable, by its name.
 */
export function expectLines(printed: string, expected: string): Map<string, string> {
  const names: string[] = [];
  const lines = expected.trim().split("\n");
  const patterns = lines.map((line) =>
    line === MORE_LINES
      ? "(?:.*\\n)*"
      : `${line
          .replace(/[.*+?^{}()|[\]\\]/gu, "\\$&")
          .replaceAll(ANYTHING, ".*")
          .replace(/\$([A-Z_]+)/gu, (_, name: string) => {
            names.push(name);
            return "(\\S+)";
          })}\\n`,
  );
  const pattern = new RegExp(`^${patterns.join("")}$`, "u");
  const text = `${printed.trim().replaceAll("\r\n", "\n")}\n`;
  expect(text).toMatch(pattern);
  const [, ...values] = pattern.exec(text) ?? [];
  return new Map(names.map((name, position) => [name, values[position] ?? ""]));
}

function scriptArguments({ text, file }: GuideStep): string[] {
  return file === undefined ? ["--input-type=module", "--eval", text] : [file];
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve_) => {
    const probe = connect(port, "127.0.0.1");
    probe.once("connect", () => {
      probe.destroy();
      resolve_(true);
    });
    probe.once("error", () => resolve_(false));
  });
}
