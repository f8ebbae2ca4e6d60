import type { NotificationSettings } from "@neighbourhood-help/client";
import { useTranslations } from "use-intl";
import { Button } from "../../../components/button.tsx";
import { Field } from "../../../components/field.tsx";
import { Form } from "../../../components/form.tsx";
import { useChangeSettings } from "./use-change-settings.ts";

/** Hours and minutes are enough for people. */
const MINUTES = 5;
const NIGHT = { from: "22:00", until: "07:00" };

/** When nothing is sent; it comes when they end. */
export function QuietHours({ settings }: { settings: NotificationSettings }) {
  // a command of its own, so that a switch that is on its way does not hold it up
  const { mutate, isPending } = useChangeSettings();
  const t = useTranslations("notification_settings");
  const { quiet_from, quiet_until } = settings;
  const timeOf = (time: string | null, proposed: string) => time?.slice(0, MINUTES) ?? proposed;
  return (
    <section className="card stack">
      <h3>{t("quiet")}</h3>
      <p>
        {quiet_from === null || quiet_until === null
          ? t("quiet_none")
          : t("quiet_are", { from: timeOf(quiet_from, ""), until: timeOf(quiet_until, "") })}
      </p>
      <p className="quiet">{t("quiet_hint")}</p>
      <Form
        submit={t("quiet_save")}
        isPending={isPending}
        onSend={(typed) => mutate({ quiet_from: typed("quiet_from"), quiet_until: typed("quiet_until") })}
        actions={
          quiet_from !== null && (
            <Button onClick={() => mutate({ remove_quiet_hours: true })}>{t("quiet_remove")}</Button>
          )
        }
      >
        <div className="from-until">
          <Field label={t("quiet_from")}>
            {(control) => (
              <input
                {...control}
                type="time"
                name="quiet_from"
                required
                defaultValue={timeOf(quiet_from, NIGHT.from)}
              />
            )}
          </Field>
          <Field label={t("quiet_until")}>
            {(control) => (
              <input
                {...control}
                type="time"
                name="quiet_until"
                required
                defaultValue={timeOf(quiet_until, NIGHT.until)}
              />
            )}
          </Field>
        </div>
      </Form>
    </section>
  );
}
