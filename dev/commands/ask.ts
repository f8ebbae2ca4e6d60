import { createInterface } from "node:readline/promises";
import { StackError } from "../base/stack-error.ts";

/**
 * Asks at the terminal, where only a yes is one.
 *
 * @throws StackError when it is left without an answer (Ctrl+C, Ctrl+D).
 */
export async function isAgreed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/iu.test((await terminal.question(`${question} [y/N] `)).trim());
  } catch {
    throw new StackError("stopped at the terminal: what was not answered is left as it is");
  } finally {
    terminal.close();
  }
}
