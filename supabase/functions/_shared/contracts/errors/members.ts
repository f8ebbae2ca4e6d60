/**
 * What the database refuses members. Part of the list in `../errors.ts`.
 *
 * @module
 */

/** Errors of the database that are not about rewards and partners. */
export const MEMBER_ERRORS = {
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
    de: "Wir finden dieses Viertel nicht.",
  },
  user_not_found: {
    status: 404,
    en: "We can't find this neighbour.",
    de: "Wir finden dieses Mitglied nicht.",
  },

  // What was typed in
  validation_failed: {
    status: 400,
    en: "Something in your input isn't right. Please check it.",
    de: "An deiner Eingabe stimmt etwas nicht. Bitte prüfe sie.",
  },
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
    de: "Das ist etwas zu kurz. Bitte schreibe ein wenig mehr.",
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
    en: "Please give 1 to 5 stars.",
    de: "Bitte vergib 1 bis 5 Sterne.",
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
    de: "Diese Bilder lassen sich leider nicht verwenden. Du kannst bis zu 10 eigene anhängen.",
  },
  metadata_invalid: {
    status: 400,
    en: "The extra details can't be saved like this.",
    de: "Die Zusatzangaben lassen sich so nicht speichern.",
  },
  avatar_path_invalid: {
    status: 400,
    en: "This profile picture can't be used. Please choose another one.",
    de: "Dieses Profilbild lässt sich leider nicht verwenden. Bitte wähle ein anderes.",
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
    en: "This rating is final; you can still withdraw its words.",
    de: "Diese Bewertung steht fest; nur ihren Text kannst du noch zurückziehen.",
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
    de: "Du hast schon sehr viele offene Aufgaben. Bitte schließe erst eine ab oder sage eine ab.",
  },
  place_limit_reached: {
    status: 429,
    en: "You have added enough places for today. Please go on tomorrow.",
    de: "Du hast für heute genug Orte eingetragen. Bitte mache morgen weiter.",
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
  helper_points_limit_reached: {
    status: 429,
    en: "This neighbour has been promised as many points as is possible for now.",
    de: "Diesem Mitglied sind vorerst so viele Punkte versprochen, wie möglich ist.",
  },
  task_limit_reached: {
    status: 429,
    en: "You have posted as many tasks as is possible in one day.",
    de: "Du hast so viele Aufgaben eingestellt, wie an einem Tag möglich ist.",
  },
  offer_limit_reached: {
    status: 429,
    en: "You have offered help as often as is possible in one day.",
    de: "Du hast so oft Hilfe angeboten, wie an einem Tag möglich ist.",
  },
  task_change_limit_reached: {
    status: 429,
    en: "You have changed tasks as often as is possible in one day.",
    de: "Du hast Aufgaben so oft geändert, wie an einem Tag möglich ist.",
  },
  review_limit_reached: {
    status: 429,
    en: "You have reviewed places as often as is possible in one day.",
    de: "Du hast Orte so oft bewertet, wie an einem Tag möglich ist.",
  },
  block_limit_reached: {
    status: 429,
    en: "You have blocked people as often as is possible in one day.",
    de: "Du hast so oft jemanden blockiert, wie an einem Tag möglich ist.",
  },
  consent_limit_reached: {
    status: 429,
    en: "You have switched this on as often as is possible in one day.",
    de: "Du hast das so oft eingeschaltet, wie an einem Tag möglich ist.",
  },
  return_limit_reached: {
    status: 429,
    en: "You have given back as many codes as is possible in one day.",
    de: "Du hast so viele Codes zurückgegeben, wie an einem Tag möglich ist.",
  },
  contact_not_verified: {
    status: 403,
    en: "Please confirm your e-mail address or phone number first.",
    de: "Bitte bestätige zuerst deine E-Mail-Adresse oder Telefonnummer.",
  },
  helper_not_verified: {
    status: 409,
    en: "This neighbour has to confirm an e-mail address or phone number first.",
    de: "Dieses Mitglied muss zuerst eine E-Mail-Adresse oder Telefonnummer bestätigen.",
  },
} as const;
