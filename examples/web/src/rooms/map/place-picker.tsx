import type { Coordinates } from "@neighbourhood-help/client";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslations } from "use-intl";
import { Loading } from "../../components/states.tsx";
import { CoordinatesInput } from "./coordinates-input.tsx";
import { type Picking, startPicking } from "./picking.ts";
import { useMap } from "./use-map.ts";
import { useNeighbourhoods, useWhere } from "./where.ts";
import "./map.css";

interface PlacePickerProps {
  /** What is asked for, for example "Where is it?". */
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly value: Coordinates | null;
  readonly onChange: (place: Coordinates) => void;
  /** What is wrong with it, below. */
  readonly error?: string | undefined;
  /** What others see of it: only its cell, as of tasks and homes, which is shown then; all of it; or nothing. */
  readonly seen?: "cell" | "exactly" | "not_at_all";
}

/** Germany as a whole, where nothing at all is known. */
const ANYWHERE = { latitude: 51.2, longitude: 10.4 };

/**
 * A point on the map: tapped, moved under the cross by hand or with the arrow keys, typed, or where the device is. Where there
 * is no map, the last two remain.
 */
export function PlacePicker(props: PlacePickerProps) {
  const { where } = useWhere();
  const neighbourhoods = useNeighbourhoods();
  // the map starts where the member is, and does not jump there later
  if (where === undefined || neighbourhoods.isPending) return <Loading />;
  return <PickerWithMap {...props} start={props.value ?? where} areas={neighbourhoods.data ?? []} />;
}

type WithMapProps = PlacePickerProps & {
  readonly start: Coordinates | null;
  readonly areas: NonNullable<ReturnType<typeof useNeighbourhoods>["data"]>;
};

function PickerWithMap({ label, hint, value, onChange, error, seen = "cell", start, areas }: WithMapProps) {
  const t = useTranslations("map");
  const id = useId();
  const picking = useRef<Picking>(undefined);
  const latest = useRef({ value, onChange });
  useEffect(() => {
    latest.current = { value, onChange };
    picking.current?.show(value);
  });
  const { container, state } = useMap({
    middle: start ?? ANYWHERE,
    zoom: start ? 15 : 5,
    hasKeyboard: false,
    onReady(map) {
      void startPicking(map, {
        areas,
        hasCell: seen === "cell",
        onPick: (place) => latest.current.onChange(place),
      }).then((started) => {
        picking.current = started;
        started.show(latest.current.value);
      });
    },
  });
  return (
    <fieldset className="place-picker" aria-describedby={`${id}-hint`}>
      <legend>{label}</legend>
      {hint && <p className="quiet">{hint}</p>}
      <p id={`${id}-hint`} className="quiet">
        {state === "missing" ? t("no_map_picker") : t("picker_hint")}
      </p>
      {state !== "missing" && (
        <div className="picker-map">
          <div ref={container} className="map-canvas" data-map={state} />
          <span className="picker-cross" aria-hidden="true" />
        </div>
      )}
      <p role="status" className="picker-status">
        {t(value === null ? "no_place_yet" : `place_seen.${seen}`)}
      </p>
      <CoordinatesInput value={value} onChange={onChange} isOpen={state === "missing"} />
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
