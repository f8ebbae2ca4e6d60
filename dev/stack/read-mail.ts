/** A file that came with an e-mail. */
export interface Attachment {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

/** An e-mail taken apart: enough for those that functions and Auth write. */
export interface ReadMail {
  /** Header values by name in small letters, in one line each and decoded. */
  readonly headers: ReadonlyMap<string, string>;
  /** The plain text part. */
  readonly text: string;
  /** The HTML part. */
  readonly html: string;
  /** Everything else in it, in its order. */
  readonly attachments: readonly Attachment[];
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  readonly type: string;
  readonly content: Buffer;
}

/** Parts inside of parts; whoever sends more wants to be a burden. */
const MAX_DEPTH = 10;

/** Takes an e-mail apart. */
export function readMail(raw: string | Uint8Array): ReadMail {
  // one character is one byte from here on: what a byte means, only its part says
  const bytes = Buffer.from(raw as Uint8Array).toString("latin1");
  const parts = partsOf(bytes, 0);
  const shown = parts.filter((part) => !isAttachment(part));
  const take = (type: string): string => {
    const part = shown.find((candidate) => candidate.type === type);
    return part === undefined ? "" : textOf(part);
  };
  return {
    headers: splitPart(bytes).headers,
    text: take("text/plain"),
    html: take("text/html"),
    attachments: parts.filter(isAttachment).map((part, index) => ({
      name: fileName(part) ?? `part ${index + 1}`,
      type: part.type,
      content: part.content,
    })),
  };
}

const contentType = (headers: ReadonlyMap<string, string>): string => headers.get("content-type") ?? "text/plain";
const parameter = (header: string, name: string): string | undefined =>
  new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s]+))`, "iu")
    .exec(header)
    ?.slice(1)
    .find((value) => value !== undefined);

function partsOf(raw: string, depth: number): Part[] {
  const { headers, body } = splitPart(raw);
  const boundary = parameter(contentType(headers), "boundary");
  if (boundary !== undefined && depth < MAX_DEPTH) {
    const inside = `\r\n${body}`.split(`\r\n--${boundary}`).slice(1, -1);
    return inside.flatMap((part) => partsOf(part.replace(/^[ \t]*\r\n/u, ""), depth + 1));
  }
  const type = contentType(headers).split(";")[0]?.trim().toLowerCase() ?? "";
  return [{ headers, type, content: decodeBody(body, headers.get("content-transfer-encoding")?.toLowerCase()) }];
}

function splitPart(raw: string): { headers: Map<string, string>; body: string } {
  const end = raw.indexOf("\r\n\r\n");
  const lines = (end === -1 ? raw : raw.slice(0, end)).replaceAll(/\r\n[ \t]+/g, " ").split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())];
  });
  return { headers: new Map(headers), body: end === -1 ? "" : raw.slice(end + 4) };
}

function isAttachment({ headers, type }: Part): boolean {
  const isText = type === "text/plain" || type === "text/html";
  return !isText || /^attachment\b/iu.test(headers.get("content-disposition") ?? "");
}

function fileName({ headers }: Part): string | undefined {
  const disposition = headers.get("content-disposition") ?? "";
  const encoded = /^utf-8'[^']*'(.*)$/iu.exec(parameter(disposition, "filename\\*(?:0\\*)?") ?? "")?.[1];
  if (encoded !== undefined) return decodeQuoted(encoded.replaceAll("%", "=")).toString();
  return parameter(disposition, "filename") ?? parameter(contentType(headers), "name");
}

function textOf({ headers, content }: Part): string {
  try {
    return new TextDecoder(parameter(contentType(headers), "charset") ?? "utf-8").decode(content);
  } catch {
    // a character set that nobody knows
    return content.toString();
  }
}

function decodeBody(body: string, encoding: string | undefined): Buffer {
  if (encoding === "base64") return Buffer.from(body, "base64");
  if (encoding === "quoted-printable") return decodeQuoted(body.replaceAll(/=[ \t]*\r\n/gu, ""));
  return Buffer.from(body, "latin1");
}

/** Encoded words of a header, `=?UTF-8?Q?…?=`. The space between two of them belongs to neither. */
function decodeWords(value: string): string {
  return Buffer.from(value, "latin1")
    .toString()
    .replaceAll(/\?= =\?/g, "?==?")
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_word, encoding: string, text: string) =>
      (encoding.toLowerCase() === "b"
        ? Buffer.from(text, "base64")
        : decodeQuoted(text.replaceAll("_", " "))
      ).toString(),
    );
}

function decodeQuoted(text: string): Buffer {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/gi, (_code, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1");
}
