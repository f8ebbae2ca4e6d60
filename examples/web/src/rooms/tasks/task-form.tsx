import {
  MAX_ADDRESS_LENGTH,
  MAX_DESCRIPTION_LENGTH,
  MAX_TITLE_LENGTH,
  MIN_TITLE_LENGTH,
} from "@neighbourhood-help/client/contracts";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { PlacePicker } from "../map/place-picker.tsx";
import { CategoryOptions } from "./category-options.tsx";
import { PicturesField } from "./pictures-field.tsx";
import { RewardField } from "./reward-field.tsx";
import type { TaskDraft, TaskField } from "./task-draft.ts";
import type { FieldProblem } from "./task-field-errors.ts";
import { TimesField } from "./times-field.tsx";

/** What every part of the form is given. */
export interface TaskFormPart {
  readonly draft: TaskDraft;
  readonly change: (part: Partial<TaskDraft>) => void;
  readonly errorAt: (field: TaskField) => string | undefined;
}

interface TaskFormProps {
  readonly draft: TaskDraft;
  readonly change: (part: Partial<TaskDraft>) => void;
  readonly problem: FieldProblem | undefined;
  readonly submitText: string;
  readonly isPending: boolean;
  readonly onSubmit: () => void;
  /** The task as it is, when it is changed; its pictures stay stored until then. */
  readonly isPosted?: boolean;
  readonly children?: ReactNode;
}

/** The fields of a task, to post it or to change it. */
export function TaskForm(props: TaskFormProps) {
  const { draft, change, problem, submitText, isPending, onSubmit, isPosted = false, children } = props;
  const t = useTranslations("tasks.form");
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem === undefined) return;
    const place = form.current?.querySelector(`[data-field="${problem.field ?? "form"}"]`);
    place?.querySelector<HTMLElement>("input, select, textarea, canvas, button, [tabindex]")?.focus();
  }, [problem]);
  const errorAt = (field: TaskField) => (problem?.field === field ? problem.text : undefined);
  const part: TaskFormPart = { draft, change, errorAt };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isPending) onSubmit();
      }}
    >
      <div data-field="title">
        <Field label={t("title")} hint={t("title_hint")} error={errorAt("title")}>
          {(control) => (
            <input
              {...control}
              value={draft.title}
              required
              minLength={MIN_TITLE_LENGTH}
              maxLength={MAX_TITLE_LENGTH}
              onChange={(event) => change({ title: event.target.value })}
            />
          )}
        </Field>
      </div>
      <div data-field="description">
        <Field label={t("description")} hint={t("description_hint")} error={errorAt("description")}>
          {(control) => (
            <textarea
              {...control}
              rows={5}
              value={draft.description}
              required
              maxLength={MAX_DESCRIPTION_LENGTH}
              onChange={(event) => change({ description: event.target.value })}
            />
          )}
        </Field>
      </div>
      <div data-field="category">
        <Field label={t("category")} error={errorAt("category")}>
          {(control) => (
            <select
              {...control}
              value={draft.category}
              required
              onChange={(event) => change({ category: event.target.value })}
            >
              <option value="">{t("choose")}</option>
              <CategoryOptions />
            </select>
          )}
        </Field>
      </div>
      <div data-field="place">
        <PlacePicker
          label={t("place")}
          value={draft.place}
          onChange={({ latitude, longitude }) => change({ place: { latitude, longitude } })}
          error={errorAt("place")}
        />
      </div>
      <div data-field="address">
        <Field label={t("address")} hint={t("address_hint")} error={errorAt("address")} isOptional>
          {(control) => (
            <input
              {...control}
              value={draft.address}
              autoComplete="street-address"
              maxLength={MAX_ADDRESS_LENGTH}
              onChange={(event) => change({ address: event.target.value })}
            />
          )}
        </Field>
      </div>
      <div data-field="image_paths">
        <PicturesField {...part} isPosted={isPosted} />
      </div>
      <div data-field="points_reward">
        <RewardField {...part} />
      </div>
      <TimesField {...part} />
      {problem && problem.field === undefined && (
        <div data-field="form" className="problem" role="alert">
          <p tabIndex={-1}>{problem.text}</p>
        </div>
      )}
      <div className="button-row">
        <Button type="submit" kind="primary" isPending={isPending}>
          {submitText}
        </Button>
        {children}
      </div>
    </form>
  );
}
