import type { Catalogue } from "../database/stack-database.ts";

/**
 * The request of a function with its arguments as PostgREST reads them, by `json_to_record`: what is not of the argument's
 * type is read from its text, `true` for a number as well as a list for a text. The REST server hands them on as they are, and
 * the driver or the choice of the function fails.
 */
export async function withTextArguments(request: Request, { functions = [] }: Catalogue): Promise<Request> {
  const [, name] = request.method === "POST" ? (/\/rpc\/(\w+)$/u.exec(new URL(request.url).pathname) ?? []) : [];
  const types = new Map(functions.filter((one) => one.name === name).flatMap(argumentTypes));
  if (types.size === 0) return request;
  return new Request(request, { body: rewritten(await request.text(), types) });
}

function argumentTypes(one: { arg_names: string[]; arg_types: string[] }): [name: string, type: string][] {
  return one.arg_names.map((name, index) => [name, one.arg_types[index] ?? ""]);
}

function rewritten(body: string, types: ReadonlyMap<string, string>): string {
  const sent = parsed(body);
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) return body;
  const isOther = ([name, value]: [string, unknown]): boolean => {
    const type = types.get(name);
    if (typeof value === "boolean") return type !== undefined && !/^(?:boolean|jsonb?)$/u.test(type);
    return typeof value === "object" && value !== null && type === "text";
  };
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
