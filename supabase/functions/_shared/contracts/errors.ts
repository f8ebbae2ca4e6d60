/**
 * The only list of errors in the product: every slug the database, the functions and the client can answer with, its HTTP
 * status and what to tell the person using the app. A test holds it against `supabase/migrations/*.sql`, both ways.
 *
 * @module
 */

/** What is known about one error. */
export interface ErrorEntry {
  /** HTTP status of the answer; 0 for errors that happen before or without one. */
  readonly status: number;
  /** For the person using the app, in English. */
  readonly en: string;
  /** For the person using the app, in German. */
  readonly de: string;
}

/** Languages the texts come in. */
export type Locale = "de" | "en";

const ERROR_ENTRIES = {
  // Who is calling
  not_signed_in: { status: 401, en: "Please sign in first.", de: "Bitte melde dich zuerst an." },
  user_banned: {
    status: 403,
    en: "Your account is banned, so you can't do this right now.",
    de: "Dein Konto ist gesperrt, deshalb geht das gerade nicht.",
  },
  user_inactive: {
    status: 403,
    en: "This account has been deleted.",
    de: "Dieses Konto wurde gelöscht.",
  },

  // What cannot be found. Other people's private things count as not found, too.
  task_not_found: {
    status: 404,
    en: "We can't find this task.",
    de: "Wir finden diese Aufgabe nicht.",
  },
  offer_not_found: {
    status: 404,
    en: "We can't find this offer.",
    de: "Wir finden dieses Angebot nicht.",
  },
  place_not_found: {
    status: 404,
    en: "We can't find this place.",
    de: "Wir finden diesen Ort nicht.",
  },
  neighbourhood_not_found: {
    status: 404,
    en: "We can't find this neighbourhood.",
    de: "Dieses Viertel finden wir nicht.",
  },
  user_not_found: {
    status: 404,
    en: "We can't find this neighbour.",
    de: "Wir finden dieses Mitglied nicht.",
  },

  // What was typed in
  text_blank: {
    status: 400,
    en: "Please fill in this field.",
    de: "Bitte fülle dieses Feld aus.",
  },
  text_too_long: {
    status: 400,
    en: "That's a bit too long. Please shorten it.",
    de: "Das ist etwas zu lang. Bitte kürze es.",
  },
  text_too_short: {
    status: 400,
    en: "That's a bit too short. Please write a little more.",
    de: "Das ist etwas zu kurz. Bitte schreib ein wenig mehr.",
  },
  text_has_control_characters: {
    status: 400,
    en: "This text contains characters we can't accept. Please type it again.",
    de: "Der Text enthält Zeichen, die nicht erlaubt sind. Bitte gib ihn neu ein.",
  },
  coordinates_invalid: {
    status: 400,
    en: "This place isn't on the map. Please choose it again.",
    de: "Diesen Ort gibt es auf der Karte nicht. Bitte wähle ihn neu.",
  },
  category_not_found: {
    status: 400,
    en: "Please choose one of the categories.",
    de: "Bitte wähle eine der Kategorien.",
  },
  place_category_invalid: {
    status: 400,
    en: "Please choose what kind of place it is.",
    de: "Bitte wähle, was für ein Ort das ist.",
  },
  place_types_invalid: {
    status: 400,
    en: "You can name at most 20 types.",
    de: "Du kannst höchstens 20 Arten nennen.",
  },
  review_rating_out_of_range: {
    status: 400,
    en: "Please give 1 to 5 stars.",
    de: "Bitte vergib 1 bis 5 Sterne.",
  },
  preference_rating_out_of_range: {
    status: 400,
    en: "Please choose a value from 0 to 5.",
    de: "Bitte wähle einen Wert von 0 bis 5.",
  },
  period_invalid: {
    status: 400,
    en: "Please choose week, month, year or all time.",
    de: "Bitte wähle Woche, Monat, Jahr oder insgesamt.",
  },
  points_reward_out_of_range: {
    status: 400,
    en: "You can give between 1 and 1000 points.",
    de: "Du kannst zwischen 1 und 1000 Punkte vergeben.",
  },
  score_out_of_range: {
    status: 400,
    en: "Please give between 1 and 5 stars.",
    de: "Bitte gib zwischen 1 und 5 Sternen.",
  },
  expires_at_in_past: {
    status: 400,
    en: "This date has passed. Please choose a later one.",
    de: "Dieses Datum ist schon vorbei. Bitte wähle ein späteres.",
  },
  expires_at_too_far: {
    status: 400,
    en: "Please choose a date within the next year.",
    de: "Bitte wähle ein Datum innerhalb des nächsten Jahres.",
  },
  image_paths_invalid: {
    status: 400,
    en: "These pictures can't be used. You can add up to 10 of your own.",
    de: "Diese Bilder gehen leider nicht. Du kannst bis zu 10 eigene anhängen.",
  },
  metadata_invalid: {
    status: 400,
    en: "The extra details can't be saved like this.",
    de: "Die Zusatzangaben lassen sich so nicht speichern.",
  },
  avatar_path_invalid: {
    status: 400,
    en: "This profile picture can't be used. Please choose another one.",
    de: "Dieses Profilbild geht leider nicht. Bitte wähle ein anderes.",
  },
  channel_invalid: {
    status: 400,
    en: "Please choose the inbox, e-mail or push.",
    de: "Bitte wähle Posteingang, E-Mail oder Push.",
  },
  notification_type_not_found: {
    status: 400,
    en: "There is no such kind of notification.",
    de: "Diese Art von Benachrichtigung gibt es nicht.",
  },
  quiet_hours_invalid: {
    status: 400,
    en: "Quiet hours need a start and an end that differ.",
    de: "Ruhezeiten brauchen einen Anfang und ein anderes Ende.",
  },
  digest_invalid: {
    status: 400,
    en: "Please choose no digest or a weekly one.",
    de: "Bitte wähle keine oder eine wöchentliche Zusammenfassung.",
  },
  push_subscription_invalid: {
    status: 400,
    en: "This device can't receive push messages. Please try again.",
    de: "Dieses Gerät kann keine Push-Nachrichten empfangen. Bitte versuche es noch einmal.",
  },
  language_invalid: {
    status: 400,
    en: "Please choose German or English.",
    de: "Bitte wähle Deutsch oder Englisch.",
  },
  time_zone_invalid: {
    status: 400,
    en: "We don't know this time zone.",
    de: "Diese Zeitzone kennen wir nicht.",
  },
  phone_number_invalid: {
    status: 400,
    en: "Please check the phone number.",
    de: "Bitte prüfe die Telefonnummer.",
  },
  sort_invalid: {
    status: 400,
    en: "You can sort by newest or by distance.",
    de: "Du kannst nach Neuestem oder nach Entfernung sortieren.",
  },
  cursor_invalid: {
    status: 400,
    en: "The list has changed. Please load it again.",
    de: "Die Liste hat sich geändert. Bitte lade sie neu.",
  },
  cannot_block_self: {
    status: 400,
    en: "You can't block yourself.",
    de: "Du kannst dich nicht selbst blockieren.",
  },

  // What the state of things does not allow
  task_not_open: {
    status: 409,
    en: "This task is no longer open.",
    de: "Diese Aufgabe ist nicht mehr offen.",
  },
  task_not_assigned: {
    status: 409,
    en: "This task can't be started right now.",
    de: "Diese Aufgabe kann gerade nicht begonnen werden.",
  },
  task_not_in_progress: {
    status: 409,
    en: "Nobody is working on this task right now.",
    de: "An dieser Aufgabe wird gerade nicht gearbeitet.",
  },
  task_not_pending_confirmation: {
    status: 409,
    en: "This task isn't waiting for your confirmation.",
    de: "Diese Aufgabe wartet nicht auf deine Bestätigung.",
  },
  task_not_cancellable: {
    status: 409,
    en: "This task can't be cancelled any more.",
    de: "Diese Aufgabe lässt sich nicht mehr absagen.",
  },
  task_not_releasable: {
    status: 409,
    en: "You can't step back from this task any more.",
    de: "Du kannst diese Aufgabe nicht mehr abgeben.",
  },
  task_not_completed: {
    status: 409,
    en: "You can rate each other once this task is completed.",
    de: "Bewerten geht erst, wenn diese Aufgabe erledigt ist.",
  },
  rating_window_closed: {
    status: 409,
    en: "This task can't be rated any more; it was completed more than 60 days ago.",
    de: "Diese Aufgabe ist seit mehr als 60 Tagen erledigt und lässt sich nicht mehr bewerten.",
  },
  rating_final: {
    status: 409,
    en: "You can change a rating for 24 hours; this one is final.",
    de: "Eine Bewertung lässt sich 24 Stunden lang ändern; diese steht nun fest.",
  },
  offer_not_pending: {
    status: 409,
    en: "This offer has already been decided.",
    de: "Über dieses Angebot wurde schon entschieden.",
  },
  offer_declined: {
    status: 409,
    en: "Your offer for this task was declined.",
    de: "Dein Angebot für diese Aufgabe wurde abgelehnt.",
  },
  helper_unavailable: {
    status: 409,
    en: "This neighbour can't help right now.",
    de: "Dieses Mitglied kann gerade nicht helfen.",
  },
  cannot_help_own_task: {
    status: 409,
    en: "This is your own task.",
    de: "Das ist deine eigene Aufgabe.",
  },
  reward_may_only_rise: {
    status: 409,
    en: "Someone has already offered help, so you can only raise the points.",
    de: "Es gibt schon ein Angebot, deshalb kannst du die Punkte nur noch erhöhen.",
  },
  insufficient_points: {
    status: 402,
    en: "You don't have enough points for this.",
    de: "Dafür reichen deine Punkte nicht.",
  },
  open_task_limit_reached: {
    status: 429,
    en: "You have a lot of open tasks. Please finish or cancel one first.",
    de: "Du hast schon sehr viele offene Aufgaben. Bitte schließe erst eine ab.",
  },
  place_limit_reached: {
    status: 429,
    en: "You have added enough places for today. Please go on tomorrow.",
    de: "Du hast für heute genug Orte eingetragen. Bitte mach morgen weiter.",
  },
  suggestion_limit_reached: {
    status: 429,
    en: "You have asked for helpers often enough for today. Please try again tomorrow.",
    de: "Du hast heute schon oft genug nach Hilfe gesucht. Bitte versuche es morgen wieder.",
  },
  points_limit_reached: {
    status: 429,
    en: "You have given away as many points as is possible for now. Please try again later.",
    de: "Du hast vorerst so viele Punkte vergeben, wie möglich ist. Bitte versuche es später wieder.",
  },
  pair_points_limit_reached: {
    status: 429,
    en: "You have given this neighbour as many points as is possible for now.",
    de: "Du hast diesem Mitglied vorerst so viele Punkte gegeben, wie möglich ist.",
  },

  // For admins in Studio
  ledger_is_append_only: {
    status: 409,
    en: "The books are never changed. Correct points with ops.adjust_points.",
    de: "Die Bücher werden nie geändert. Korrigiere Punkte mit ops.adjust_points.",
  },
  balance_not_editable: {
    status: 409,
    en: "A balance can't be edited. Correct points with ops.adjust_points.",
    de: "Ein Punktestand lässt sich nicht ändern. Korrigiere Punkte mit ops.adjust_points.",
  },
  amount_invalid: {
    status: 400,
    en: "Please give an amount of points other than 0.",
    de: "Bitte gib eine Punktzahl an, die nicht 0 ist.",
  },
  category_cycle: {
    status: 400,
    en: "A category can't be placed below itself.",
    de: "Eine Kategorie kann nicht unter sich selbst stehen.",
  },

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
  idempotency_key_missing: {
    status: 400,
    en: "The request lacks its idempotency key.",
    de: "Der Anfrage fehlt ihr Idempotenzschlüssel.",
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

  // Answered by the edge functions
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
    de: "Einige Codes sind nicht annehmbar, deshalb wurde keiner gespeichert.",
  },
  month_invalid: {
    status: 400,
    en: "Please write the month as 2026-11.",
    de: "Bitte schreibe den Monat als 2026-11.",
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

  // Raised by the client; the database never answers with these
  validation_failed: {
    status: 400,
    en: "Something in your input isn't right. Please check it.",
    de: "An deiner Eingabe stimmt etwas nicht. Bitte prüfe sie.",
  },
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
    de: "Diese Datei geht nicht als Bild. Bitte wähle eine andere.",
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
} as const satisfies Record<string, ErrorEntry>;

/** Name of an error. Stable: the texts may change, the slugs do not. */
export type ErrorSlug = keyof typeof ERROR_ENTRIES;

/**
 * Every error: slug → HTTP status and texts.
 *
 * @example
 * ```ts
 * ERRORS.task_not_open.status; // 409
 * ```
 */
export const ERRORS: { readonly [Slug in ErrorSlug]: (typeof ERROR_ENTRIES)[Slug] } = ERROR_ENTRIES;

/** Slugs that only the client raises; no migration contains them. */
export const CLIENT_ERROR_SLUGS: readonly [
  "validation_failed",
  "not_permitted",
  "network_error",
  "service_unavailable",
  "request_aborted",
  "storage_unavailable",
  "picture_invalid",
  "picture_too_large",
  "picture_has_metadata",
  "unexpected_response",
] = [
  "validation_failed",
  "not_permitted",
  "network_error",
  "service_unavailable",
  "request_aborted",
  "storage_unavailable",
  "picture_invalid",
  "picture_too_large",
  "picture_has_metadata",
  "unexpected_response",
];

/** Slugs that only the edge functions raise; no migration contains them. */
export const FUNCTION_ERROR_SLUGS: readonly ErrorSlug[] = [
  "code_not_found",
  "code_mistyped",
  "code_expired",
  "code_cancelled",
  "already_used",
  "codes_rejected",
  "month_invalid",
  "signature_invalid",
  "unsubscribe_link_invalid",
  "json_invalid",
  "payload_too_large",
  "content_type_unsupported",
  "method_not_allowed",
  "route_not_found",
  "internal_error",
  "idempotency_key_missing",
];

/**
 * Whether a value is one of the known slugs.
 *
 * @example
 * ```ts
 * isErrorSlug(response.message); // true for "task_not_open"
 * ```
 */
export function isErrorSlug(value: unknown): value is ErrorSlug {
  return typeof value === "string" && Object.hasOwn(ERRORS, value);
}

/**
 * The text to show for an error.
 *
 * @example
 * ```ts
 * errorText("task_not_open", "de"); // "Diese Aufgabe ist nicht mehr offen."
 * ```
 */
export function errorText(slug: ErrorSlug, locale: Locale): string {
  return ERRORS[slug][locale];
}
