/**
 * Reads what callers send: limited in size and depth, of the right type, checked against a contract.
 *
 * @module
 */
import type { z } from "zod";
import { problemOf } from "./contracts/validation.ts";
import { Problem } from "./problem.ts";

const DEFAULT_MAX_BYTES = 1024 * 1024;
const DEFAULT_MAX_DEPTH = 20;

/**
 * The JSON value of a body.
 *
 * @throws Problem `content_type_unsupported`, `payload_too_large`, `json_invalid`
 */
export async function readJson(
  request: Request,
  { maxBytes = DEFAULT_MAX_BYTES, maxDepth = DEFAULT_MAX_DEPTH }: { maxBytes?: number; maxDepth?: number } = {},
): Promise<unknown> {
  return parseJson(await readText(request, ["application/json"], maxBytes), maxDepth);
}

/**
 * The JSON value of a text.
 *
 * @throws Problem `json_invalid`
 */
export function parseJson(text: string, maxDepth: number = DEFAULT_MAX_DEPTH): unknown {
  // Looked at before it is parsed: a parser that follows the nesting runs out of stack.
  if (isDeeperThan(text, maxDepth)) {
    throw new Problem("json_invalid", { hint: `Nest values at most ${maxDepth} levels deep.` });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("json_invalid");
  }
}

/**
 * The text of a body. It must be UTF-8.
 *
 * @param types the media types that are welcome.
 * @throws Problem `content_type_unsupported`, `payload_too_large`
 */
export async function readText(
  request: Request,
  types: readonly string[],
  maxBytes: number = DEFAULT_MAX_BYTES,
): Promise<string> {
  const [type = "", ...parameters] = (request.headers.get("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?(?:utf-?8|us-ascii)"?$/u.test(charset);
  if (!types.includes(type.trim()) || !isUtf8 || request.headers.has("content-encoding")) {
    throw new Problem("content_type_unsupported", { hint: `Send ${types.join(" or ")} in UTF-8, not compressed.` });
  }
  const bytes = await readBytes(request, maxBytes);
  const other = otherFormat(bytes);
  if (other !== undefined) throw notUtf8(other);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw notUtf8("not UTF-8 but, most likely, Windows-1252");
  }
}

const notUtf8 = (what: string): Problem =>
  new Problem("content_type_unsupported", {
    hint: `The body is ${what}. Save the file as UTF-8: spreadsheets call that "CSV UTF-8".`,
  });

/** Files that begin like something else than UTF-8. */
function otherFormat([first, second, third, fourth]: Uint8Array): string | undefined {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return "UTF-16";
  if (second !== undefined && (first === 0) !== (second === 0)) return "UTF-16";
  if (first === 0x50 && second === 0x4b && third === 3 && fourth === 4) return "a workbook or archive, not text";
  if (first === 0xd0 && second === 0xcf && third === 0x11 && fourth === 0xe0) return "a workbook, not text";
  return undefined;
}

/**
 * An input as its contract wants it.
 *
 * @throws Problem with the contract's slug; its detail names the field.
 */
export function checkedInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw inputProblem(result.error);
}

/** What is wrong with an input, as a contract's schema found it. */
export function inputProblem(error: z.ZodError): Problem {
  const { code, detail } = problemOf(error);
  return new Problem(code, detail === null ? {} : { detail });
}

/** Counts while it reads: a declared length may be missing or wrong. */
async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = new Problem("payload_too_large", { detail: String(maxBytes) });
  if (Number(request.headers.get("content-length")) > maxBytes) {
    await request.body?.cancel();
    throw tooLarge;
  }
  let length = 0;
  const counted = request.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        length += chunk.byteLength;
        if (length > maxBytes) throw tooLarge;
        controller.enqueue(chunk);
      },
    }),
  );
  return new Uint8Array(await new Response(counted).arrayBuffer());
}

function isDeeperThan(text: string, maxDepth: number): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') isInString = !isInString;
    else if (isInString && character === "\\")
      index += 1; // the next character is escaped, maybe a quote
    else if (!isInString && (character === "[" || character === "{")) depth += 1;
    else if (!isInString && (character === "]" || character === "}")) depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}
