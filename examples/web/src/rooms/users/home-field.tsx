import type { Coordinates } from "@neighbourhood-help/client";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { PlacePicker } from "../map/place-picker.tsx";

interface HomeFieldProps {
  readonly value: Coordinates | null;
  readonly onChange: (value: Coordinates | null) => void;
}

/** Where the member lives; nobody else sees it. */
export function HomeField({ value, onChange }: HomeFieldProps) {
  const t = useTranslations("users");
  return (
    <div className="stack-small">
      <PlacePicker label={t("home.title")} hint={t("home.hint")} value={value} onChange={onChange} seen="not_at_all" />
      {value !== null && (
        <div className="button-row">
          <Button onClick={() => onChange(null)}>{t("home.remove")}</Button>
        </div>
      )}
    </div>
  );
}
