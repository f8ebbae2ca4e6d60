import type { NotificationSettings as Settings } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Page } from "../../components/page.tsx";
import { Loaded } from "../../components/states.tsx";
import { Switch } from "../../components/switch.tsx";
import { Addresses } from "./settings/addresses.tsx";
import { notificationSettingsQuery } from "./settings/data.ts";
import { PushSwitch } from "./settings/push-switch.tsx";
import { QuietHours } from "./settings/quiet-hours.tsx";
import { Types } from "./settings/types.tsx";
import { useChangeSettings } from "./settings/use-change-settings.ts";
import "./settings/settings.css";

/** What a member is told, how and when; the e-mails lead here. */
export function NotificationSettings() {
  const t = useTranslations("notification_settings");
  const settings = useQuery(notificationSettingsQuery(useClient()));
  return (
    <Page title={t("title")} hasBack>
      <Loaded query={settings}>{(shown) => <Channels settings={shown} />}</Loaded>
      <Types />
      <Addresses />
    </Page>
  );
}

function Channels({ settings }: { settings: Settings }) {
  const t = useTranslations("notification_settings");
  const change = useChangeSettings();
  return (
    <section className="stack">
      <h2>{t("channels")}</h2>
      <Switch
        label={t("email")}
        hint={t("email_hint")}
        isOn={settings.is_email_enabled}
        onChange={(is_email_enabled) => change.mutate({ is_email_enabled })}
      />
      <Switch
        label={t("digest")}
        hint={t("digest_hint")}
        isOn={settings.digest === "weekly"}
        isDisabled={!settings.is_email_enabled}
        onChange={(isOn) => change.mutate({ digest: isOn ? "weekly" : "none" })}
      />
      <Switch
        label={t("push")}
        hint={t("push_hint")}
        isOn={settings.is_web_push_enabled}
        onChange={(is_web_push_enabled) => change.mutate({ is_web_push_enabled })}
      />
      <PushSwitch />
      <QuietHours
        // shows what was saved, also elsewhere
        key={`${settings.quiet_from} ${settings.quiet_until}`}
        settings={settings}
      />
    </section>
  );
}
