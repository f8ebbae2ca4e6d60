import { ApiError, type Coordinates, type PlaceCategory } from "@neighbourhood-help/client";
import {
  MAX_ADDRESS_LENGTH,
  MAX_NAME_LENGTH,
  MAX_PLACE_DESCRIPTION_LENGTH,
} from "@neighbourhood-help/client/contracts";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useErrorText } from "../../app/error-text.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Page } from "../../components/page.tsx";
import { Problem } from "../../components/states.tsx";
import { PlacePicker } from "../map/place-picker.tsx";
import { CATEGORIES } from "./categories.ts";

const FIELDS: ReadonlySet<string | null> = new Set(["name", "address", "description"]);

/** Puts a place of the community on the map. */
export function NewPlace() {
  const t = useTranslations("places");
  const client = useClient();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const { tell } = useNotices();
  const [where, setWhere] = useState<Coordinates | null>(null);
  const [isWhereMissing, setIsWhereMissing] = useState(false);
  const [error, setError] = useState<unknown>();
  const add = useCommand({
    run: client.places.add,
    refreshes: [["places"]],
    onDone({ id }) {
      tell(t("added"));
      void navigate({ to: "/places/$place_id", params: { place_id: id }, replace: true });
    },
    onError: setError,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setError(undefined);
    setIsWhereMissing(where === null);
    if (where === null) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name)).trim() || undefined;
    add.mutate({
      ...where,
      name: text("name") ?? "",
      category: String(form.get("category")) as PlaceCategory,
      address: text("address"),
      description: text("description"),
    });
  };
  const field = error instanceof ApiError ? error.detail : null;
  const errorOf = (name: string) => (field === name ? errorText(error) : undefined);
  return (
    <Page title={t("new_title")} hasBack>
      <p className="quiet">{t("new_hint")}</p>
      <form onSubmit={submit}>
        <Field label={t("name")} error={errorOf("name")}>
          {(control) => <input {...control} name="name" required maxLength={MAX_NAME_LENGTH} autoComplete="off" />}
        </Field>
        <Field label={t("category")}>
          {(control) => (
            <select {...control} name="category">
              {CATEGORIES.map((category) => (
                <option key={category} value={category}>
                  {t(`categories.${category}`)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <PlacePicker
          label={t("where")}
          value={where}
          onChange={setWhere}
          seen="exactly"
          error={isWhereMissing && where === null ? t("where_missing") : undefined}
        />
        <Field label={t("address_field")} isOptional error={errorOf("address")}>
          {(control) => <input {...control} name="address" maxLength={MAX_ADDRESS_LENGTH} autoComplete="off" />}
        </Field>
        <Field label={t("description")} isOptional error={errorOf("description")}>
          {(control) => <textarea {...control} name="description" rows={3} maxLength={MAX_PLACE_DESCRIPTION_LENGTH} />}
        </Field>
        {error !== undefined && !FIELDS.has(field) && <Problem error={error} />}
        <Button type="submit" kind="primary" isPending={add.isPending}>
          {t("save")}
        </Button>
      </form>
    </Page>
  );
}
