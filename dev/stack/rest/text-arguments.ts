import type { Catalogue } from "../database/stack-database.ts";

/**
 * The request of a function with its arguments as PostgREST reads them, by `json_to_record`: where a text is asked for and
 * a boolean, a list or an object was sent, the text is its JSON. The REST server hands them on, and the driver fails.
 */
export async function withTextArguments(request: Request, { functions = [] }: Catalogue): Promise<Request> {
  const [, name] = request.method === "POST" ? (/\/rpc\/(\w+)$/u.exec(new URL(request.url).pathname) ?? []) : [];
  const texts = new Set(functions.filter((one) => one.name === name).flatMap(textArguments));
  if (texts.size === 0) return request;
  const body = await request.text();
  return new Request(request, { body: rewritten(body, texts) });
}

function textArguments(one: { arg_names: string[]; arg_types: string[] }): string[] {
  return one.arg_names.filter((_, index) => one.arg_types[index] === "text");
}

function rewritten(body: string, texts: ReadonlySet<string>): string {
  const sent = parsed(body);
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) return body;
  const isOther = ([name, value]: [string, unknown]): boolean =>
    texts.has(name) && (typeof value === "boolean" || (typeof value === "object" && value !== null));
  const entries = Object.entries(sent);
  // numbers would lose digits: what needs no rewriting stays as it was sent
  if (!entries.some(isOther)) return body;
  try {
    return JSON.stringify(
      Object.fromEntries(entries.map((entry) => (isOther(entry) ? [entry[0], JSON.stringify(entry[1])] : entry))),
    );
  } catch (error) {
    if (error instanceof RangeError) return body; // nested too deeply to be written out
    throw error;
  }
}

/** Undefined for what is no JSON, which the server refuses. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
