/** What PostgREST answers when something is refused. */
export interface Refusal {
  status: number;
  code: string | undefined;
  message: string | undefined;
  details: unknown;
  hint: unknown;
}

interface Answer {
  status: number;
  error: object | null;
}

/** The refusal a supabase-js call came back with; a call that succeeded fails the test. */
export async function refusalOf(running: PromiseLike<Answer>): Promise<Refusal> {
  const { status, error } = await running;
  if (!error) throw new Error(`the call was not refused: ${status}`);
  const { code, message, details, hint } = error as Partial<Refusal>;
  return { status, code, message, details, hint };
}

/** Only its status and slug, which is what most tests are about. */
export async function slugAndStatus(running: PromiseLike<Answer>): Promise<string> {
  const { status, message } = await refusalOf(running);
  return `${status} ${message}`;
}
