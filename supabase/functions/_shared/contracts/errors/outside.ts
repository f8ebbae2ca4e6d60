/**
 * What is raised outside the database: no migration contains it. Part of the list in `../errors.ts`.
 *
 * @module
 */

/** Errors that only the edge functions raise. */
export const FUNCTION_ERRORS = {
  code_not_found: {
    status: 404,
    en: "There is no such code.",
    de: "Diesen Code gibt es nicht.",
  },
  code_mistyped: {
    status: 400,
    en: "This code contains a typing error.",
    de: "Dieser Code enthält einen Tippfehler.",
  },
  code_expired: {
    status: 409,
    en: "This code has expired.",
    de: "Dieser Code ist abgelaufen.",
  },
  code_cancelled: {
    status: 409,
    en: "This code was given back or cancelled.",
    de: "Dieser Code wurde zurückgegeben oder storniert.",
  },
  already_used: {
    status: 409,
    en: "This code has already been used.",
    de: "Dieser Code wurde schon benutzt.",
  },
  codes_rejected: {
    status: 409,
    en: "Some codes can't be accepted, so none was stored.",
    de: "Einige Codes wurden nicht angenommen, deshalb ist keiner gespeichert.",
  },
  codes_unreadable: {
    status: 400,
    en: "This list of codes can be read in more than one way.",
    de: "Diese Liste von Codes lässt sich auf mehr als eine Weise lesen.",
  },
  signature_invalid: {
    status: 401,
    en: "The signature doesn't fit this message.",
    de: "Die Signatur passt nicht zu dieser Nachricht.",
  },
  unsubscribe_link_invalid: {
    status: 404,
    en: "This link isn't complete. Please copy it from the e-mail again.",
    de: "Dieser Link ist nicht vollständig. Bitte kopiere ihn noch einmal aus der E-Mail.",
  },
  json_invalid: {
    status: 400,
    en: "This is no valid JSON.",
    de: "Das ist kein gültiges JSON.",
  },
  payload_too_large: {
    status: 413,
    en: "This request is too large.",
    de: "Diese Anfrage ist zu groß.",
  },
  content_type_unsupported: {
    status: 415,
    en: "This content type isn't supported.",
    de: "Dieser Inhaltstyp wird nicht unterstützt.",
  },
  method_not_allowed: {
    status: 405,
    en: "This method isn't possible here.",
    de: "Diese Methode ist hier nicht möglich.",
  },
  route_not_found: {
    status: 404,
    en: "There is nothing at this address.",
    de: "Unter dieser Adresse gibt es nichts.",
  },
  internal_error: {
    status: 500,
    en: "Something went wrong on our side.",
    de: "Bei uns ist etwas schiefgelaufen.",
  },
  idempotency_key_missing: {
    status: 400,
    en: "The request lacks its idempotency key.",
    de: "Der Anfrage fehlt ihr Idempotenzschlüssel.",
  },
} as const;

/** Errors that the client raises. */
export const CLIENT_ERRORS = {
  not_permitted: {
    status: 403,
    en: "You're not allowed to do this.",
    de: "Das darfst du nicht.",
  },
  network_error: {
    status: 0,
    en: "No connection. Please try again in a moment.",
    de: "Keine Verbindung. Bitte versuche es gleich noch einmal.",
  },
  service_unavailable: {
    status: 503,
    en: "This is taking too long right now. Please try again in a moment.",
    de: "Das dauert gerade zu lange. Bitte versuche es gleich noch einmal.",
  },
  request_aborted: {
    status: 0,
    en: "Cancelled.",
    de: "Abgebrochen.",
  },
  storage_unavailable: {
    status: 501,
    en: "Pictures aren't available here yet.",
    de: "Bilder gibt es hier noch nicht.",
  },
  picture_invalid: {
    status: 400,
    en: "This file can't be used as a picture. Please choose another one.",
    de: "Diese Datei lässt sich nicht als Bild verwenden. Bitte wähle eine andere.",
  },
  picture_too_large: {
    status: 413,
    en: "This picture is too large. Please choose a smaller one.",
    de: "Dieses Bild ist zu groß. Bitte wähle ein kleineres.",
  },
  picture_has_metadata: {
    status: 400,
    en: "This picture still tells where it was taken, so it wasn't uploaded.",
    de: "Das Bild verrät noch, wo es entstand. Es wurde nicht hochgeladen.",
  },
  unexpected_response: {
    status: 500,
    en: "Something went wrong. Please try again.",
    de: "Etwas ist schiefgelaufen. Bitte versuche es noch einmal.",
  },
} as const;
