import type { UserSettings } from "@neighbourhood-help/client";

/** The first settings of a new member; a sign-up takes them along in its profile data. */
export function deviceSettings(language: UserSettings["language"]): Pick<UserSettings, "language" | "time_zone"> {
  return { language, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
}
