import type { UserSettings } from "@neighbourhood-help/client";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Field } from "../../components/field.tsx";
import { Switch } from "../../components/switch.tsx";
import { LANGUAGE_NAMES } from "./language-switch.tsx";
import { SETTINGS_TURN, settingsQuery } from "./queries.ts";

/** What `update_settings` takes. */
type Changes = Partial<
  Pick<UserSettings, "language" | "time_zone" | "show_on_leaderboard" | "is_open_to_suggestions" | "phone_sharing">
>;

/** Changes settings, which show at once; the app follows the language by itself. */
export function useChangeSettings() {
  const client = useClient();
  return useCommand({
    run: (changes: Changes) => client.users.updateSettings(changes),
    turn: SETTINGS_TURN,
    refreshes: [
      ["users", "settings"],
      ["statistics", "leaderboard"],
    ],
    optimistic: {
      key: settingsQuery(client).queryKey,
      change: (shown: UserSettings, changes: Changes): UserSettings => ({ ...shown, ...changes }),
    },
  });
}

/** Language, time zone and consents; each change counts at once. */
export function SettingsForm({ settings }: { settings: UserSettings }) {
  const t = useTranslations("users");
  const { mutate } = useChangeSettings();
  const zones = [...new Set([...Intl.supportedValuesOf("timeZone"), settings.time_zone])].sort();
  return (
    <section className="stack">
      <h2>{t("settings.about_you")}</h2>
      <Field label={t("language")} hint={t("settings.language_hint")}>
        {(control) => (
          <select
            {...control}
            value={settings.language}
            onChange={({ currentTarget: { value } }) => mutate({ language: value === "de" ? "de" : "en" })}
          >
            {LANGUAGE_NAMES.map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t("settings.time_zone")} hint={t("settings.time_zone_hint")}>
        {(control) => (
          <select
            {...control}
            value={settings.time_zone}
            onChange={(event) => mutate({ time_zone: event.currentTarget.value })}
          >
            {zones.map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
          </select>
        )}
      </Field>
      <Switch
        label={t("settings.leaderboard")}
        hint={t("settings.leaderboard_hint")}
        isOn={settings.show_on_leaderboard}
        onChange={(show_on_leaderboard) => mutate({ show_on_leaderboard })}
      />
      <Switch
        label={t("settings.suggestions")}
        hint={t("settings.suggestions_hint")}
        isOn={settings.is_open_to_suggestions}
        onChange={(is_open_to_suggestions) => mutate({ is_open_to_suggestions })}
      />
    </section>
  );
}
