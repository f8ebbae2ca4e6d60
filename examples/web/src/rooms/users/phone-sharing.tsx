import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Loaded } from "../../components/states.tsx";
import { settingsQuery } from "./queries.ts";
import { useChangeSettings } from "./settings-form.tsx";

const WAYS = ["never", "on_request", "on_shared_tasks"] as const;

/** To whom the phone number is shown. */
export function PhoneSharingField() {
  const t = useTranslations("users");
  const name = useId();
  const settings = useQuery(settingsQuery(useClient()));
  const { mutate } = useChangeSettings();
  return (
    <Loaded query={settings}>
      {({ phone_sharing }) => (
        <fieldset className="choices">
          <legend>{t("contact.sharing")}</legend>
          {WAYS.map((way) => (
            <label key={way} className="choice">
              <input
                type="radio"
                name={name}
                checked={way === phone_sharing}
                onChange={() => mutate({ phone_sharing: way })}
              />
              {t(`contact.sharing_${way}`)}
            </label>
          ))}
        </fieldset>
      )}
    </Loaded>
  );
}
