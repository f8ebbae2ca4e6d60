import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";

/** A point on the map, in degrees. */
export interface Point {
  readonly latitude: number;
  readonly longitude: number;
}

const SECONDS = 1000;

/** Where the member lives: where the device is now, or taken from the map. */
export function HomeField({ value, onChange }: { value: Point | null; onChange: (value: Point | null) => void }) {
  const t = useTranslations("users");
  const format = useFormatter();
  const [state, setState] = useState<"idle" | "asking" | "refused">("idle");
  const ask = () => {
    setState("asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude } }) => {
        setState("idle");
        onChange({ latitude, longitude });
      },
      () => setState("refused"),
      { timeout: 20 * SECONDS, maximumAge: 60 * SECONDS },
    );
  };
  const digits = { maximumFractionDigits: 4 };
  return (
    <fieldset className="field">
      <legend>{t("home.title")}</legend>
      <p className="quiet">{t("home.hint")}</p>
      <p role="status">
        {value === null
          ? t("home.none")
          : t("home.at", {
              latitude: format.number(value.latitude, digits),
              longitude: format.number(value.longitude, digits),
            })}
      </p>
      {state === "refused" && (
        <p className="field-error" role="alert">
          {t("home.refused")}
        </p>
      )}
      <div className="button-row">
        <Button isPending={state === "asking"} onClick={ask}>
          {t("home.here")}
        </Button>
        {value !== null && <Button onClick={() => onChange(null)}>{t("home.remove")}</Button>}
      </div>
    </fieldset>
  );
}
