/**
 * A failure the person at the keyboard can mend. Its message is one line that says what happened and what to
 * do next; commands print it without a stack trace and exit with code 1.
 */
export class StackError extends Error {
  override readonly name = "StackError";
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
