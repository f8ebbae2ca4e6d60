import { useTranslations } from "use-intl";
import { Field } from "../../components/field.tsx";
import { toLocal } from "./task-draft.ts";
import type { TaskFormPart } from "./task-form.tsx";

/** When help is wanted, and how long the task waits for somebody. */
export function TimesField({ draft, change, errorAt }: TaskFormPart) {
  const t = useTranslations("tasks.form");
  const now = toLocal(new Date().toISOString());
  return (
    <>
      <fieldset className="fields">
        <legend>{t("time")}</legend>
        <p className="quiet">{t("time_hint")}</p>
        <div className="fields-row">
          <div data-field="starts_at">
            <Field label={t("starts_at")} error={errorAt("starts_at")} isOptional>
              {(control) => (
                <input
                  {...control}
                  type="datetime-local"
                  min={now}
                  value={draft.starts_at}
                  onChange={(event) => change({ starts_at: event.target.value })}
                />
              )}
            </Field>
          </div>
          {draft.starts_at && (
            <div data-field="ends_at">
              <Field label={t("ends_at")} error={errorAt("ends_at")} isOptional>
                {(control) => (
                  <input
                    {...control}
                    type="datetime-local"
                    min={draft.starts_at}
                    value={draft.ends_at}
                    onChange={(event) => change({ ends_at: event.target.value })}
                  />
                )}
              </Field>
            </div>
          )}
        </div>
        {draft.starts_at && (
          <label className="check">
            <input
              type="checkbox"
              checked={draft.is_flexible}
              onChange={(event) => change({ is_flexible: event.target.checked })}
            />
            <span>
              {t("is_flexible")}
              <br />
              <span className="quiet">{t("ends_by_itself")}</span>
            </span>
          </label>
        )}
      </fieldset>
      <div data-field="expires_at">
        <Field label={t("expires_at")} hint={t("expires_at_hint")} error={errorAt("expires_at")} isOptional>
          {(control) => (
            <input
              {...control}
              type="date"
              min={now.slice(0, 10)}
              value={draft.expires_at}
              onChange={(event) => change({ expires_at: event.target.value })}
            />
          )}
        </Field>
      </div>
    </>
  );
}
