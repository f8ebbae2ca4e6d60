import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";

/** Key id in every token; functions find the key by it. */
const KEY_ID = "local";

/** Why a bearer token was refused, in PostgREST's words. */
export interface TokenRefusal {
  code: "PGRST301" | "PGRST303";
  message: string;
}

/** Checks and re-signs the access tokens of one stack. */
export class Tokens {
  readonly #key: Uint8Array;
  readonly #secret: string;

  constructor(jwtSecret: string) {
    this.#secret = jwtSecret;
    this.#key = new TextEncoder().encode(jwtSecret);
  }

  /** Returns undefined when the token is good. */
  async refusal(token: string): Promise<TokenRefusal | undefined> {
    try {
      await jwtVerify(token, this.#key, { algorithms: ["HS256"] });
      return undefined;
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { code: "PGRST303", message: "JWT expired" };
      return { code: "PGRST301", message: "No suitable key or wrong key type" };
    }
  }

  /**
   * Adds to a sign-in answer what the Auth server leaves out of its access tokens and hosted projects put in: key
   * id, issuer and the user's metadata. The claims are for reading only; authorisation lives in tables.
   */
  async completeSession(body: string, issuer: string): Promise<string> {
    const answer = sessionSchema.safeParse(parseJson(body));
    if (!answer.success) return body;
    const { payload } = await jwtVerify(answer.data.access_token, this.#key, { algorithms: ["HS256"] });
    const { user } = answer.data;
    const accessToken = await new SignJWT({
      ...payload,
      iss: issuer,
      app_metadata: user?.app_metadata ?? {},
      user_metadata: user?.user_metadata ?? {},
    })
      .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: KEY_ID })
      .sign(this.#key);
    return JSON.stringify({ ...answer.data, access_token: accessToken });
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
