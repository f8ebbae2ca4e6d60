import {
  createLocalJWKSet,
  errors,
  importJWK,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  SignJWT,
} from "jose";
import { z } from "zod";
import type { SigningKey, StackKeys } from "../keys.ts";

/** Id of the shared secret among the keys. */
const SECRET_ID = "local";

/** Who the tokens of members are for: the API, as Auth writes it. */
const AUDIENCE = "authenticated";

/** Why a bearer token was refused, in PostgREST's words. */
export interface TokenRefusal {
  code: "PGRST301" | "PGRST303";
  message: string;
}

/** A good token as the servers behind the gateway read it, or why it is none. */
export type CheckedToken = { inner: string } | { refusal: TokenRefusal };

/**
 * Stands between the tokens of members, which are signed with ES256 as on a hosted project, and the servers behind the
 * gateway, which sign and read HS256 only. Tokens that are signed with their secret are taken, too, as on projects whose
 * secret was not revoked when they got a signing key.
 */
export class Tokens {
  readonly #secret: Uint8Array;
  readonly #signingKey: SigningKey;
  readonly #publicKeys: JWTVerifyGetKey;
  readonly #issuer: () => string;

  /** @param publicUrl address of the gateway, known once it listens. */
  constructor({ jwtSecret, signingKey }: Pick<StackKeys, "jwtSecret" | "signingKey">, publicUrl: () => string) {
    this.#secret = new TextEncoder().encode(jwtSecret);
    this.#signingKey = signingKey;
    this.#publicKeys = createLocalJWKSet(this.publicKeySet());
    this.#issuer = () => `${publicUrl()}/auth/v1`;
  }

  /** Checks a token that came in from outside. */
  async check(token: string): Promise<CheckedToken> {
    try {
      const { payload } = await this.#verify(token);
      const refusal = this.#foreign(payload);
      return refusal ? { refusal } : { inner: await this.#signInner(payload) };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { refusal: { code: "PGRST303", message: "JWT expired" } };
      return { refusal: { code: "PGRST301", message: "No suitable key or wrong key type" } };
    }
  }

  /** Whether the token is good in all but whom it is for or who made it. */
  async isForeign(token: string): Promise<boolean> {
    try {
      return this.#foreign((await this.#verify(token)).payload) !== undefined;
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
   * Signs the access token of a sign-in answer anew, with what the Auth server leaves out and hosted projects put in: key
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
    const { payload } = await jwtVerify(token, this.#secret, { algorithms: ["HS256"] });
    const { alg, kid } = this.#signingKey;
    return new SignJWT({ ...payload, iss: this.#issuer(), ...claims })
      .setProtectedHeader({ alg, typ: "JWT", kid })
      .sign(await importJWK(this.#signingKey, alg));
  }

  #verify(token: string) {
    // the algorithm decides which key it may be: a public one never counts as a secret
    const keyOf: JWTVerifyGetKey = (header, jws) => {
      if (header.alg !== "HS256") return this.#publicKeys(header, jws);
      if (header.kid !== undefined && header.kid !== SECRET_ID) throw new errors.JWKSNoMatchingKey();
      return this.#secret;
    };
    return jwtVerify(token, keyOf, { algorithms: ["ES256", "HS256"] });
  }

  #signInner(payload: JWTPayload): Promise<string> {
    return new SignJWT(payload).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(this.#secret);
  }

  /** The keys that everybody may know, at `/auth/v1/.well-known/jwks.json`. */
  publicKeySet(): JSONWebKeySet {
    const { d: _, ...publicKey } = this.#signingKey;
    return { keys: [{ ...publicKey, use: "sig", key_ops: ["verify"], ext: true }] };
  }

  /** Every key that tokens may be signed with, as functions get it in `SUPABASE_JWKS`. */
  keySet(): JSONWebKeySet {
    const k = Buffer.from(this.#secret).toString("base64url");
    return { keys: [...this.publicKeySet().keys, { kty: "oct", alg: "HS256", kid: SECRET_ID, k }] };
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
