/** One HTTP request to the stack. */
export interface SentRequest {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  /** Text and bytes go as they are, everything else as JSON. */
  body?: unknown;
}

/** What came back. */
export interface Answer<Body> {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined when the answer is no JSON. */
  json: Body;
}

/** The body of a refusal. */
export interface RefusalBody {
  code: string;
  message: string;
  detail?: unknown;
  hint?: string;
  request_id: string;
}

/** Sends a request as it is; `path` is an address, or begins with `/` and is one of this stack. */
export async function send<Body = RefusalBody>(
  url: string,
  path: string,
  { method = "GET", headers = {}, body }: SentRequest = {},
): Promise<Answer<Body>> {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  const response = await fetch(path.startsWith("/") ? `${url}${path}` : path, {
    method,
    redirect: "manual",
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) as Body };
}

/** Status and body without the id of the request: what two answers must share so that nobody can tell them apart. */
export function faceOf({ status, json }: Answer<RefusalBody>): { status: number; body: Partial<RefusalBody> } {
  const { request_id: _, ...body } = json;
  return { status, body };
}

/** Goes with a body that is too large: whoever does not read it to its end closes the connection a moment later. */
export const LAST_ON_ITS_CONNECTION = { connection: "close" } as const;

/** Status of the answer to a body that is too large; `cut` when the connection was closed before the answer was read. */
export async function statusOrCut(sending: Promise<Answer<unknown>>): Promise<number | "cut"> {
  try {
    return (await sending).status;
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    if (["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(cause?.code ?? "")) return "cut";
    throw error;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
