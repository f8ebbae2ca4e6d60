import type { Coordinates } from "@neighbourhood-help/client";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { useNotices } from "../../components/notices.tsx";
import { devicePosition } from "./geolocation.ts";

interface CoordinatesInputProps {
  readonly value: Coordinates | null;
  readonly onChange: (place: Coordinates) => void;
  /** Whether the numbers are open at first, because there is no other way. */
  readonly isOpen: boolean;
}

const textOf = (value: Coordinates | null) =>
  value === null ? { latitude: "", longitude: "" } : { latitude: `${value.latitude}`, longitude: `${value.longitude}` };

/** A place without a map: where the device is, or typed. */
export function CoordinatesInput({ value, onChange, isOpen }: CoordinatesInputProps) {
  const t = useTranslations("map");
  const { tell } = useNotices();
  const [isAsking, setAsking] = useState(false);
  const [typed, setTyped] = useState(() => textOf(value));
  // what is chosen on the map shows here; what is being typed is not overwritten by itself
  useEffect(() => {
    setTyped((shown) => (isSame(shown, value) ? shown : textOf(value)));
  }, [value]);

  const type = (part: Partial<typeof typed>) => {
    const next = { ...typed, ...part };
    setTyped(next);
    const place = readPlace(next);
    if (place) onChange(place);
  };
  const locate = async () => {
    setAsking(true);
    try {
      onChange(await devicePosition());
    } catch {
      tell(t("no_position"), "problem");
    } finally {
      setAsking(false);
    }
  };
  return (
    <>
      <Button isPending={isAsking} onClick={() => void locate()}>
        {t("my_position")}
      </Button>
      <details className="details" open={isOpen || undefined}>
        <summary>{t("type_coordinates")}</summary>
        <div className="coordinates">
          <Field label={t("latitude")}>
            {(control) => (
              <input
                {...control}
                type="number"
                step="any"
                min="-90"
                max="90"
                value={typed.latitude}
                onChange={(event) => type({ latitude: event.target.value })}
              />
            )}
          </Field>
          <Field label={t("longitude")}>
            {(control) => (
              <input
                {...control}
                type="number"
                step="any"
                min="-180"
                max="180"
                value={typed.longitude}
                onChange={(event) => type({ longitude: event.target.value })}
              />
            )}
          </Field>
        </div>
      </details>
    </>
  );
}

type Typed = ReturnType<typeof textOf>;

function readPlace({ latitude, longitude }: Typed): Coordinates | null {
  if (latitude.trim() === "" || longitude.trim() === "") return null;
  const place = { latitude: Number(latitude), longitude: Number(longitude) };
  const isOnEarth = Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180;
  return isOnEarth ? place : null;
}

function isSame(typed: Typed, value: Coordinates | null): boolean {
  const place = readPlace(typed);
  return place?.latitude === value?.latitude && place?.longitude === value?.longitude;
}
