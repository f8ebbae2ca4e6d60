import { errors, type JWTPayload, jwtVerify, SignJWT } from "jose";
import { z } from "zod";

/** Key id in every token; functions find the key by it. */
const KEY_ID = "local";

/** Who the tokens of members are for: the API, as Auth writes it. */
const AUDIENCE = "authenticated";

/** Why a bearer token was refused, in PostgREST's words. */
export interface TokenRefusal {
  code: "PGRST301" | "PGRST303";
  message: string;
}

/** Checks and re-signs the access tokens of one stack. */
export class Tokens {
  readonly #key: Uint8Array;
  readonly #secret: string;
  readonly #issuer: () => string;

  /** @param publicUrl address of the gateway, known once it listens. */
  constructor(jwtSecret: string, publicUrl: () => string) {
    this.#secret = jwtSecret;
    this.#issuer = () => `${publicUrl()}/auth/v1`;
    this.#key = new TextEncoder().encode(jwtSecret);
  }

  /** Returns undefined when the token is good. */
  async refusal(token: string): Promise<TokenRefusal | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#key, { algorithms: ["HS256"] });
      return this.#foreign(payload);
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { code: "PGRST303", message: "JWT expired" };
      return { code: "PGRST301", message: "No suitable key or wrong key type" };
    }
  }

  /** Whether the token is good in all but whom it is for or who made it. */
  async isForeign(token: string): Promise<boolean> {
    try {
      const { payload } = await jwtVerify(token, this.#key, { algorithms: ["HS256"] });
      return this.#foreign(payload) !== undefined;
    } catch {
      return false; // no token of this stack at all
    }
  }

  /** A token may leave out who made it and for whom, as PostgREST sees it; what it says must be true. */
  #foreign({ aud, iss }: JWTPayload): TokenRefusal | undefined {
    if (aud !== undefined && ![aud].flat().includes(AUDIENCE))
      return { code: "PGRST303", message: "JWT not in audience" };
    if (iss !== undefined && iss !== this.#issuer()) return { code: "PGRST303", message: "JWT not of this issuer" };
    return undefined;
  }

  /**
   * Adds to a sign-in answer what the Auth server leaves out of its access tokens and hosted projects put in: key
   * id, issuer and the user's metadata. The claims are for reading only; authorisation lives in tables.
   */
  async completeSession(body: string): Promise<string> {
    const answer = sessionSchema.safeParse(parseJson(body));
    if (!answer.success) return body;
    const { user } = answer.data;
    const accessToken = await this.#complete(answer.data.access_token, {
      app_metadata: user?.app_metadata ?? {},
      user_metadata: user?.user_metadata ?? {},
    });
    return JSON.stringify({ ...answer.data, access_token: accessToken });
  }

  /** The same for the address that a link in an e-mail leads on to; it does not tell the metadata. */
  async completeRedirect(location: string): Promise<string> {
    const [address, fragment = ""] = location.split("#");
    const session = new URLSearchParams(fragment);
    const accessToken = session.get("access_token");
    if (accessToken === null) return location;
    session.set("access_token", await this.#complete(accessToken, {}));
    return `${address}#${session}`;
  }

  async #complete(token: string, claims: JWTPayload): Promise<string> {
    const { payload } = await jwtVerify(token, this.#key, { algorithms: ["HS256"] });
    return new SignJWT({ ...payload, iss: this.#issuer(), ...claims })
      .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: KEY_ID })
      .sign(this.#key);
  }

  /** The key as functions get it in `SUPABASE_JWKS`. */
  keySet(): string {
    const k = Buffer.from(this.#secret).toString("base64url");
    return JSON.stringify({ keys: [{ kty: "oct", alg: "HS256", kid: KEY_ID, k }] });
  }
}

const sessionSchema = z.looseObject({
  access_token: z.string(),
  user: z.looseObject({ app_metadata: z.unknown().optional(), user_metadata: z.unknown().optional() }).optional(),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not a session: passed on as it is
  }
}
