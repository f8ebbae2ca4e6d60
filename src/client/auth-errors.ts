import { errorText, type Locale } from "../../supabase/functions/_shared/contracts/errors.ts";

const AUTH_TEXTS = {
  wrong: { en: "E-mail or password is wrong.", de: "E-Mail-Adresse oder Passwort stimmt nicht." },
  unconfirmed: {
    en: "Please confirm your e-mail address first: open the link we sent you.",
    de: "Bitte bestätige zuerst deine E-Mail-Adresse: Öffne den Link, den wir dir geschickt haben.",
  },
  unconfirmedPhone: {
    en: "Please confirm your phone number first.",
    de: "Bitte bestätige zuerst deine Telefonnummer.",
  },
  taken: {
    en: "There is an account with this e-mail address already. Please sign in.",
    de: "Mit dieser E-Mail-Adresse gibt es schon ein Konto. Bitte melde dich an.",
  },
  takenPhone: {
    en: "There is an account with this phone number already.",
    de: "Mit dieser Telefonnummer gibt es schon ein Konto.",
  },
  address: {
    en: "We can't send to this e-mail address. Please check it.",
    de: "An diese E-Mail-Adresse können wir nicht schreiben. Bitte prüfe sie.",
  },
  weak: {
    en: "This password is too easy to guess. Please choose a longer one.",
    de: "Dieses Passwort ist zu leicht zu erraten. Bitte nimm ein längeres.",
  },
  same: {
    en: "That's your password already. Please choose another one.",
    de: "Das ist schon dein Passwort. Bitte nimm ein anderes.",
  },
  link: {
    en: "This link or code has expired or was used already. Please ask for a new one.",
    de: "Dieser Link oder Code ist abgelaufen oder schon benutzt. Bitte fordere einen neuen an.",
  },
  again: { en: "Please sign in again.", de: "Bitte melde dich noch einmal an." },
  banned: {
    en: "Your account is banned, so you can't sign in.",
    de: "Dein Konto ist gesperrt, deshalb kannst du dich nicht anmelden.",
  },
  noAccount: { en: "We can't find this account.", de: "Wir finden dieses Konto nicht." },
  invite: { en: "We can't find this invitation.", de: "Wir finden diese Einladung nicht." },
  closed: {
    en: "New accounts can't be made right now.",
    de: "Neue Konten lassen sich gerade nicht anlegen.",
  },
  off: {
    en: "This way to sign in isn't available here.",
    de: "Diese Art der Anmeldung gibt es hier nicht.",
  },
  often: {
    en: "That was a bit often. Please wait a few minutes and try again.",
    de: "Das war etwas zu oft. Bitte warte ein paar Minuten und versuche es noch einmal.",
  },
  mail: {
    en: "We have just sent you an e-mail. Please wait a few minutes before you ask for another one.",
    de: "Wir haben dir gerade eine E-Mail geschickt. Bitte warte ein paar Minuten, bevor du noch eine anforderst.",
  },
  sms: { en: "The text message couldn't be sent.", de: "Die SMS konnte nicht verschickt werden." },
  captcha: {
    en: "We couldn't make sure that you are a person. Please try again.",
    de: "Wir konnten nicht prüfen, ob du ein Mensch bist. Bitte versuche es noch einmal.",
  },
  code: {
    en: "This code isn't right. Please try again.",
    de: "Dieser Code stimmt nicht. Bitte versuche es noch einmal.",
  },
  factor: {
    en: "Something about the second step of signing in doesn't fit. Please set it up again.",
    de: "Beim zweiten Schritt der Anmeldung passt etwas nicht. Bitte richte ihn noch einmal ein.",
  },
  second: {
    en: "Please confirm with the second step of signing in.",
    de: "Bitte bestätige mit dem zweiten Schritt der Anmeldung.",
  },
  linked: {
    en: "This sign-in belongs to another account already.",
    de: "Diese Anmeldung gehört schon zu einem anderen Konto.",
  },
  last: {
    en: "This is the only way left to sign in to your account, so it can't be removed.",
    de: "Nur damit kannst du dich noch anmelden, deshalb lässt es sich nicht entfernen.",
  },
  company: {
    en: "Your organisation manages this account.",
    de: "Deine Organisation verwaltet dieses Konto.",
  },
  denied: { en: "You're not allowed to do this.", de: "Das darfst du nicht." },
  invalid: {
    en: "Something in this form isn't right. Please check it.",
    de: "In diesem Formular stimmt etwas nicht. Bitte prüfe es.",
  },
  failed: {
    en: "Signing in doesn't work right now. Please try again in a few minutes.",
    de: "Die Anmeldung klappt gerade nicht. Bitte versuche es in ein paar Minuten noch einmal.",
  },
} as const;

/** Every code of Supabase Auth, as auth-js lists them: a test is red when one is missing here. */
export const AUTH_ERROR_TEXTS: Readonly<Record<string, keyof typeof AUTH_TEXTS>> = {
  anonymous_provider_disabled: "off",
  bad_code_verifier: "again",
  bad_json: "invalid",
  bad_jwt: "again",
  bad_oauth_callback: "failed",
  bad_oauth_state: "again",
  captcha_failed: "captcha",
  conflict: "failed",
  email_address_invalid: "address",
  email_address_not_authorized: "address",
  email_conflict_identity_not_deletable: "last",
  email_exists: "taken",
  email_not_confirmed: "unconfirmed",
  email_provider_disabled: "off",
  flow_state_expired: "link",
  flow_state_not_found: "link",
  hook_payload_invalid_content_type: "failed",
  hook_payload_over_size_limit: "failed",
  hook_timeout: "failed",
  hook_timeout_after_retry: "failed",
  identity_already_exists: "linked",
  identity_not_found: "noAccount",
  insufficient_aal: "second",
  invalid_credentials: "wrong",
  invite_not_found: "invite",
  manual_linking_disabled: "off",
  mfa_challenge_expired: "link",
  mfa_factor_name_conflict: "factor",
  mfa_factor_not_found: "factor",
  mfa_ip_address_mismatch: "factor",
  mfa_phone_enroll_not_enabled: "off",
  mfa_phone_verify_not_enabled: "off",
  mfa_totp_enroll_not_enabled: "off",
  mfa_totp_verify_not_enabled: "off",
  mfa_verification_failed: "code",
  mfa_verification_rejected: "code",
  mfa_verified_factor_exists: "factor",
  mfa_webauthn_enroll_not_enabled: "off",
  mfa_webauthn_verify_not_enabled: "off",
  no_authorization: "again",
  not_admin: "denied",
  oauth_provider_not_supported: "off",
  otp_disabled: "off",
  otp_expired: "link",
  over_email_send_rate_limit: "mail",
  over_request_rate_limit: "often",
  over_sms_send_rate_limit: "often",
  phone_exists: "takenPhone",
  phone_not_confirmed: "unconfirmedPhone",
  phone_provider_disabled: "off",
  provider_disabled: "off",
  provider_email_needs_verification: "unconfirmed",
  reauth_nonce_missing: "again",
  reauthentication_needed: "again",
  reauthentication_not_valid: "code",
  refresh_token_already_used: "again",
  refresh_token_not_found: "again",
  request_timeout: "failed",
  saml_assertion_no_email: "failed",
  saml_assertion_no_user_id: "failed",
  saml_entity_id_mismatch: "failed",
  saml_idp_already_exists: "failed",
  saml_idp_not_found: "off",
  saml_metadata_fetch_failed: "failed",
  saml_provider_disabled: "off",
  saml_relay_state_expired: "again",
  saml_relay_state_not_found: "again",
  same_password: "same",
  session_expired: "again",
  session_not_found: "again",
  signup_disabled: "closed",
  single_identity_not_deletable: "last",
  sms_send_failed: "sms",
  sso_domain_already_exists: "failed",
  sso_provider_not_found: "off",
  too_many_enrolled_mfa_factors: "factor",
  unexpected_audience: "again",
  unexpected_failure: "failed",
  user_already_exists: "taken",
  user_banned: "banned",
  user_not_found: "noAccount",
  user_sso_managed: "company",
  validation_failed: "invalid",
  weak_password: "weak",
};

/** What auth-js throws without asking the server, by the name of its class. */
const LOCAL_AUTH_ERRORS: Readonly<Record<string, (locale: Locale) => string>> = {
  AuthRetryableFetchError: (locale) => errorText("network_error", locale),
  AuthSessionMissingError: (locale) => errorText("not_signed_in", locale),
  AuthInvalidCredentialsError: (locale) => AUTH_TEXTS.wrong[locale],
};

/** The code of an error; of one that came in the address of a link, auth-js puts it into the details. */
function codeOf(error: { code?: unknown; details?: unknown }): unknown {
  if (error.code !== undefined || typeof error.details !== "object" || error.details === null) return error.code;
  return Reflect.get(error.details, "code");
}

/**
 * The text to show for an error of `supabase.auth`, whatever it is: a code that is not known gets a general one.
 *
 * @example
 * ```ts
 * const { error } = await supabase.auth.signInWithPassword({ email, password });
 * if (error) showToast(authErrorText(error, "de")); // "E-Mail-Adresse oder Passwort stimmt nicht."
 * ```
 */
export function authErrorText(error: unknown, locale: Locale): string {
  if (typeof error !== "object" || error === null) return AUTH_TEXTS.failed[locale];
  const { name, status }: { name?: unknown; status?: unknown } = error;
  const code = codeOf(error);
  if (typeof code === "string" && Object.hasOwn(AUTH_ERROR_TEXTS, code)) {
    return AUTH_TEXTS[AUTH_ERROR_TEXTS[code] ?? "failed"][locale];
  }
  if (typeof name === "string" && Object.hasOwn(LOCAL_AUTH_ERRORS, name)) {
    return LOCAL_AUTH_ERRORS[name]?.(locale) ?? AUTH_TEXTS.failed[locale];
  }
  return AUTH_TEXTS[status === 429 ? "often" : "failed"][locale];
}
