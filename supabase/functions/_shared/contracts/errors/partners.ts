/**
 * What the database refuses around rewards, and partners and their tills. Part of the list in `../errors.ts`.
 *
 * @module
 */

/** Errors of the database about rewards and partners. */
export const PARTNER_ERRORS = {
  // Redeeming points
  reward_not_found: {
    status: 404,
    en: "We can't find this reward.",
    de: "Wir finden diese Prämie nicht.",
  },
  reward_inactive: {
    status: 409,
    en: "This reward is no longer offered.",
    de: "Diese Prämie wird nicht mehr angeboten.",
  },
  reward_not_started: {
    status: 409,
    en: "This reward isn't available yet.",
    de: "Diese Prämie gibt es noch nicht.",
  },
  reward_ended: {
    status: 409,
    en: "This reward has ended.",
    de: "Diese Prämie ist abgelaufen.",
  },
  reward_sold_out: {
    status: 409,
    en: "This reward is sold out.",
    de: "Diese Prämie ist vergriffen.",
  },
  reward_limit_reached: {
    status: 409,
    en: "You've already redeemed this reward as often as possible.",
    de: "Du hast diese Prämie schon so oft eingelöst, wie es geht.",
  },
  price_changed: {
    status: 409,
    en: "The price has changed. Please check it and try again.",
    de: "Der Preis hat sich geändert. Bitte prüfe ihn und versuche es noch einmal.",
  },
  email_not_verified: {
    status: 403,
    en: "Please confirm your e-mail address first.",
    de: "Bitte bestätige zuerst deine E-Mail-Adresse.",
  },
  idempotency_key_reused: {
    status: 409,
    en: "This key was already used for another request.",
    de: "Dieser Schlüssel wurde schon für eine andere Anfrage benutzt.",
  },
  redemption_not_found: {
    status: 404,
    en: "We can't find this redemption.",
    de: "Wir finden diese Einlösung nicht.",
  },
  redemption_pending: {
    status: 409,
    en: "We're still waiting for the partner. Please try again in a moment.",
    de: "Wir warten noch auf den Partner. Bitte versuche es gleich noch einmal.",
  },
  redemption_not_returnable: {
    status: 409,
    en: "This code can't be given back anymore.",
    de: "Dieser Code kann nicht mehr zurückgegeben werden.",
  },

  // Partners and their tills
  partner_not_found: {
    status: 404,
    en: "There is no such partner.",
    de: "Diesen Partner gibt es nicht.",
  },
  partner_inactive: {
    status: 403,
    en: "This partner's account is switched off.",
    de: "Das Konto dieses Partners ist abgeschaltet.",
  },
  api_key_invalid: {
    status: 401,
    en: "This API key is unknown, expired or revoked.",
    de: "Dieser API-Schlüssel ist unbekannt, abgelaufen oder widerrufen.",
  },
  api_key_not_found: {
    status: 404,
    en: "There is no such API key.",
    de: "Diesen API-Schlüssel gibt es nicht.",
  },
  api_key_limit: {
    status: 409,
    en: "There are already as many API keys as are allowed.",
    de: "Es gibt schon so viele API-Schlüssel wie erlaubt.",
  },
  sandbox_key_required: {
    status: 403,
    en: "Test codes can only be made with a sandbox key.",
    de: "Nur mit einem Sandbox-Schlüssel lassen sich Testcodes erstellen.",
  },
  test_code_limit: {
    status: 409,
    en: "In the last 24 hours 100 test codes have already been made.",
    de: "In den letzten 24 Stunden wurden schon 100 Testcodes erstellt.",
  },
  scope_missing: {
    status: 403,
    en: "This API key isn't allowed to do that.",
    de: "Dieser API-Schlüssel darf das nicht.",
  },
  scope_invalid: {
    status: 400,
    en: "There is no such permission for API keys.",
    de: "Diese Berechtigung gibt es für API-Schlüssel nicht.",
  },
  too_many_wrong_codes: {
    status: 429,
    en: "Too many wrong codes. Please wait a while.",
    de: "Zu viele falsche Codes. Bitte warte eine Weile.",
  },
  month_invalid: {
    status: 400,
    en: "Please name a month that has begun, written as 2026-11.",
    de: "Bitte nenne einen Monat, der begonnen hat, geschrieben als 2026-11.",
  },
  till_reference_invalid: {
    status: 400,
    en: "The till reference has 1 to 64 letters, digits or the characters . _ : / and -.",
    de: "Die Kassenreferenz hat 1 bis 64 Buchstaben, Ziffern oder die Zeichen . _ : / und -.",
  },
  reward_invalid: {
    status: 400,
    en: "This reward breaks one of the rules.",
    de: "Diese Prämie verletzt eine der Regeln.",
  },
  reward_has_no_pool: {
    status: 409,
    en: "This reward doesn't take uploaded codes.",
    de: "Diese Prämie nimmt keine hochgeladenen Codes an.",
  },
  reward_in_use: {
    status: 409,
    en: "This reward has been redeemed, so it can only be retired.",
    de: "Diese Prämie wurde schon eingelöst und lässt sich nur noch zurückziehen.",
  },
  status_invalid: {
    status: 400,
    en: "This status doesn't fit the facts.",
    de: "Dieser Status passt nicht zu den Tatsachen.",
  },
  stock_too_low: {
    status: 409,
    en: "More of this reward has already been given out.",
    de: "Von dieser Prämie ist schon mehr ausgegeben.",
  },
  stock_not_editable: {
    status: 409,
    en: "The stock of this reward can't be changed this way.",
    de: "Der Vorrat dieser Prämie lässt sich so nicht ändern.",
  },
  redemption_not_cancellable: {
    status: 409,
    en: "This redemption has already ended.",
    de: "Diese Einlösung ist schon beendet.",
  },
  webhook_url_invalid: {
    status: 400,
    en: "This address can't be called.",
    de: "Diese Adresse kann nicht aufgerufen werden.",
  },
  event_type_invalid: {
    status: 400,
    en: "There is no such type of event.",
    de: "Diese Art von Ereignis gibt es nicht.",
  },
  webhook_endpoint_not_found: {
    status: 404,
    en: "There is no such webhook endpoint.",
    de: "Diesen Webhook-Endpunkt gibt es nicht.",
  },
  webhook_endpoint_disabled: {
    status: 409,
    en: "This webhook endpoint is switched off.",
    de: "Dieser Webhook-Endpunkt ist abgeschaltet.",
  },
  webhook_endpoint_limit: {
    status: 409,
    en: "There are already 10 webhook endpoints.",
    de: "Es gibt schon 10 Webhook-Endpunkte.",
  },
  webhook_message_not_found: {
    status: 404,
    en: "There is no such webhook message.",
    de: "Diese Webhook-Nachricht gibt es nicht.",
  },
  opening_hours_invalid: {
    status: 400,
    en: "These opening hours aren't readable.",
    de: "Diese Öffnungszeiten sind nicht lesbar.",
  },
  opening_hours_overlap: {
    status: 400,
    en: "Two of these opening hours overlap.",
    de: "Zwei dieser Öffnungszeiten überschneiden sich.",
  },
} as const;
