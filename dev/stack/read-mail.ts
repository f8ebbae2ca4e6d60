/** An e-mail taken apart: enough for those that the functions write. */
export interface ReadMail {
  /** Header values by name in small letters, in one line each and decoded. */
  readonly headers: ReadonlyMap<string, string>;
  /** The plain text part. */
  readonly text: string;
  /** The HTML part. */
  readonly html: string;
}

/** Takes an e-mail apart. */
export function readMail(raw: string): ReadMail {
  const { headers, body } = splitPart(raw);
  const boundary = /boundary="([^"]+)"/i.exec(headers.get("content-type") ?? "")?.[1];
  const parts = boundary === undefined ? [raw] : body.split(`--${boundary}`).slice(1, -1);
  const decoded = new Map(parts.map((part) => decodePart(part.replace(/^\r\n/, ""))));
  return { headers, text: decoded.get("text/plain") ?? "", html: decoded.get("text/html") ?? "" };
}

function splitPart(raw: string): { headers: Map<string, string>; body: string } {
  const end = raw.indexOf("\r\n\r\n");
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())];
  });
  return { headers: new Map(headers), body: raw.slice(end + 4) };
}

function decodePart(part: string): [type: string, content: string] {
  const { headers, body } = splitPart(part);
  const type = headers.get("content-type")?.split(";")[0]?.trim() ?? "text/plain";
  switch (headers.get("content-transfer-encoding")) {
    case "base64":
      return [type, Buffer.from(body, "base64").toString()];
    case "quoted-printable":
      return [type, decodeQuoted(body.replaceAll("=\r\n", ""))];
    default:
      return [type, body];
  }
}

/** Encoded words of a header, `=?UTF-8?Q?…?=`. The space between two of them belongs to neither. */
function decodeWords(value: string): string {
  return value
    .replaceAll(/\?= =\?/g, "?==?")
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_word, encoding: string, text: string) =>
      encoding.toLowerCase() === "b" ? Buffer.from(text, "base64").toString() : decodeQuoted(text.replaceAll("_", " ")),
    );
}

function decodeQuoted(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/gi, (_code, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1").toString();
}
