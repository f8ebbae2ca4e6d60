import { type ChildProcess, execFile, spawn } from "node:child_process";
import { connect } from "node:net";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";

/** A fenced block of a guide that is run, and the block behind it that says what comes of it. */
export interface GuideStep {
  line: number;
  language: "sh" | "js";
  text: string;
  expected: string;
}

const ROOT = resolve(import.meta.dirname, "../..");
const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gmu;
/** What has to follow what. */
const OUTCOMES = { sh: "http", js: "text" } as const;
const ANYTHING = "…";
const VARIABLE = /^\$([A-Z_]+)$/u;

/** The steps of a guide. Every block counts: one that cannot be run, or whose outcome is not told, is an error. */
export function stepsOf(markdown: string): GuideStep[] {
  const blocks = [...markdown.matchAll(FENCE)].map(({ 1: language = "", 2: text = "", index }) => ({
    language,
    text,
    line: markdown.slice(0, index).split("\n").length,
  }));
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

  constructor(variables: Readonly<Record<string, string>>) {
    this.variables = { ...variables };
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
    return { cwd: ROOT, env: { PATH: process.env["PATH"] ?? "", ...this.variables } };
  }

  async #serve(step: GuideStep, provoke: () => Promise<void>): Promise<void> {
    const [, portName = ""] = /\.listen\(process\.env\.(\w+)\)/u.exec(step.text) ?? [];
    const server = spawn(process.execPath, scriptArguments(step), this.#surroundings());
    this.#servers.push(server);
    let printed = "";
    for (const stream of [server.stdout, server.stderr]) stream.on("data", (chunk) => (printed += String(chunk)));
    await expect.poll(() => takesConnections(Number(this.variables[portName])), { timeout: 10_000 }).toBe(true);
    await provoke();
    await expect.poll(() => printed.split("\n").length, { timeout: 10_000 }).toBeGreaterThan(1);
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
    const lines = printed.trim().split(/\r?\n/u);
    const wanted = expected.trim().split("\n");
    expect(lines.length, printed).toBe(printed.trim() === "" && expected.trim() === "" ? 1 : wanted.length);
    for (const [index, line] of wanted.entries()) {
      const names: string[] = [];
      const pattern = line
        .replace(/[.*+?^{}()|[\]\\]/gu, "\\$&")
        .replaceAll(ANYTHING, ".*")
        .replace(/\$([A-Z_]+)/gu, (_, name: string) => {
          names.push(name);
          return "(\\S+)";
        });
      expect(lines[index]).toMatch(new RegExp(`^${pattern}$`, "u"));
      const [, ...values] = new RegExp(`^${pattern}$`, "u").exec(lines[index] ?? "") ?? [];
      for (const [position, name] of names.entries()) this.variables[name] ??= values[position] ?? "";
    }
  }
}

function scriptArguments({ text }: GuideStep): string[] {
  return ["--input-type=module", "--eval", text];
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
