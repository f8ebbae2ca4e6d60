import { ApiError, errorText } from "@neighbourhood-help/client";
import type { InputProblem } from "@neighbourhood-help/client/contracts";
import { useState } from "react";
import { useLanguage } from "../../texts/language.tsx";
import type { TaskDraft, TaskField } from "./task-draft.ts";

/** Where errors belong whose detail names no field. */
const FIELD_OF_CODE: Readonly<Record<string, TaskField>> = {
  coordinates_invalid: "place",
  category_not_found: "category",
  points_reward_out_of_range: "points_reward",
  reward_may_only_rise: "points_reward",
  points_limit_reached: "points_reward",
  insufficient_points: "points_reward",
  expires_at_in_past: "expires_at",
  expires_at_too_far: "expires_at",
  starts_at_in_past: "starts_at",
  starts_at_too_far: "starts_at",
  ends_at_invalid: "ends_at",
  image_paths_invalid: "image_paths",
};
const FIELDS: Readonly<Record<string, TaskField>> = {
  title: "title",
  description: "description",
  category: "category",
  latitude: "place",
  longitude: "place",
  address: "address",
  image_paths: "image_paths",
  points_reward: "points_reward",
  starts_at: "starts_at",
  ends_at: "ends_at",
  expires_at: "expires_at",
};

/** The field that a problem is about; undefined for the task as a whole. */
export function fieldOf({ code, detail }: Pick<InputProblem, "code" | "detail">): TaskField | undefined {
  return FIELD_OF_CODE[code] ?? (detail === null ? undefined : FIELDS[detail]);
}

/** What is wrong with a form, at its field, found by the contract or by the database. */
export interface FieldProblem {
  readonly field: TaskField | undefined;
  readonly text: string;
  readonly error?: unknown;
}

/** The one problem that a form shows: found before it is sent or answered after. */
export function useFieldProblem(errorTextOf: (error: unknown) => string) {
  const { language } = useLanguage();
  const [problem, setProblem] = useState<FieldProblem>();
  return {
    problem,
    clear: () => setProblem(undefined),
    /** What was wrong there is being put right. */
    changed: (part: Partial<TaskDraft>) =>
      setProblem((shown) => (shown?.field !== undefined && shown.field in part ? undefined : shown)),
    /** What the screen itself found. */
    point: (field: TaskField, text: string) => setProblem({ field, text }),
    /** What the contract found. */
    refuse: (found: InputProblem) =>
      setProblem({ field: fieldOf(found), text: errorText(found.code, language, found) }),
    /** What a command threw. */
    fail: (error: unknown) =>
      setProblem({ field: error instanceof ApiError ? fieldOf(error) : undefined, text: errorTextOf(error), error }),
  };
}
