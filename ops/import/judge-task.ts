import {
  MAX_ADDRESS_LENGTH,
  MAX_DESCRIPTION_LENGTH,
  MAX_MESSAGE_LENGTH,
  MAX_POINTS_REWARD,
  MAX_TITLE_LENGTH,
  MIN_POINTS_REWARD,
  MIN_TITLE_LENGTH,
} from "../../supabase/functions/_shared/contracts/words-and-limits.ts";
import type { Judgement } from "./judge-member.ts";
import type { ImportMap } from "./map.ts";
import { Findings } from "./problems.ts";
import { idOf, type Seen } from "./seen.ts";
import type { SourceRow } from "./source.ts";
import { asInteger, asMoment, asPlace, asText, cleaned, type Place, type Raw, Unusable } from "./values.ts";

/** A task as the batch holds it. */
export interface Task {
  n: number;
  id: string;
  creator_id: string;
  /** Whether this run has accepted them, written or not. */
  knows_creator: boolean;
  helper_id: string | null;
  knows_helper: boolean;
  title: string;
  description: string;
  category: string;
  latitude: number;
  longitude: number;
  address: string | null;
  points_reward: number;
  status: string;
  created_at: string | null;
  assigned_at: string | null;
  started_at: string | null;
  completed_at: string | null;
  expires_at: string | null;
}

/** What is over, and what anybody may still take. What somebody was just doing is done there, or posted again here. */
const STATUSES = ["open", "completed", "cancelled", "expired"];

/** Judges one row by itself and beside those before it: a task that says something else than there is refused. */
export function judgeTask({ number, values, broken }: SourceRow, map: ImportMap, seen: Seen): Judgement<Task> {
  const findings = new Findings();
  const of = (target: string): Raw => values[target] ?? null;
  const own = asText(of("id")) ?? "";
  for (const field of broken) findings.add("mended", field, "text_not_utf8", of(field));
  const person = (field: string) => {
    const id = asText(of(field));
    return id === null ? null : idOf(map.source, "member", id);
  };
  const words = (field: string, least: number, most: number, isMultiline: boolean) => {
    const { text, problem } = cleaned(asText(of(field)), most, isMultiline);
    if (text === null || text.length < least) findings.add("refused", field, "text_too_short", of(field));
    else if (problem !== undefined) findings.add("mended", field, problem, of(field));
    return text ?? "";
  };
  const moment = (field: string, daysAhead?: number) =>
    findings.read("mended", field, of(field), (raw) => asMoment(raw, map.time_zone, daysAhead));
  const { status, creator, helper } = sides(of, person, findings);
  const place = placeOf(of, findings);
  const reward = findings.read("refused", "points_reward", of("points_reward"), (raw) =>
    asInteger(raw ?? "?", MIN_POINTS_REWARD, MAX_POINTS_REWARD, "points_reward_invalid"),
  );
  const createdAt = moment("created_at");
  const task: Task = {
    n: number,
    id: idOf(map.source, "task", own),
    creator_id: creator ?? "",
    knows_creator: creator !== null && seen.has("member", creator),
    helper_id: helper,
    knows_helper: helper !== null && seen.has("member", helper),
    title: words("title", MIN_TITLE_LENGTH, MAX_TITLE_LENGTH, false),
    description: words("description", 1, MAX_DESCRIPTION_LENGTH, true),
    category: asText(of("category")) ?? "",
    latitude: place?.latitude ?? 0,
    longitude: place?.longitude ?? 0,
    address: cleaned(asText(of("address")), MAX_ADDRESS_LENGTH).text,
    points_reward: reward ?? 0,
    status,
    created_at: createdAt,
    assigned_at: moment("assigned_at"),
    started_at: moment("started_at"),
    completed_at: moment("completed_at") ?? createdAt,
    expires_at: moment("expires_at", 366),
  };
  if (own === "") findings.add("refused", "id", "id_missing", null);
  if (findings.isAccepted && !seen.claim("task", task.id)) findings.add("refused", "id", "id_twice", own);
  return findings.isAccepted ? { own, findings, entry: task } : { own, findings };
}

type Of = (target: string) => Raw;

/** Who it is between, as far as its status needs them. */
function sides(of: Of, person: (field: string) => string | null, findings: Findings) {
  const status = asText(of("status"))?.toLowerCase() ?? "";
  if (!STATUSES.includes(status)) findings.add("refused", "status", "status_not_imported", of("status"));
  const creator = person("creator_id");
  const helper = status === "completed" ? person("helper_id") : null;
  if (creator === null) findings.add("refused", "creator_id", "member_missing", null);
  if (status === "completed" && helper === null) findings.add("refused", "helper_id", "member_missing", null);
  if (creator !== null && creator === helper)
    findings.add("refused", "helper_id", "creator_is_helper", of("helper_id"));
  return { status, creator, helper };
}

function placeOf(of: Of, findings: Findings): Place | null {
  return findings.read("refused", "location", of("location") ?? of("latitude"), () => {
    const place = asPlace(of("latitude"), of("longitude"), of("location"));
    if (place === null) throw new Unusable("coordinates_missing");
    return place;
  });
}

/** A rating as the batch holds it. */
export interface Rating {
  n: number;
  id: string;
  task_id: string;
  knows_task: boolean;
  rater_id: string;
  score: number;
  comment: string | null;
  created_at: string | null;
}

/** The same for a rating. */
export function judgeRating({ number, values, broken }: SourceRow, map: ImportMap, seen: Seen): Judgement<Rating> {
  const findings = new Findings();
  const of = (target: string): Raw => values[target] ?? null;
  for (const field of broken) findings.add("mended", field, "text_not_utf8", of(field));
  const [own, task, rater] = [asText(of("id")) ?? "", asText(of("task_id")), asText(of("rater_id"))];
  if (own === "") findings.add("refused", "id", "id_missing", null);
  if (task === null) findings.add("refused", "task_id", "task_missing", null);
  if (rater === null) findings.add("refused", "rater_id", "member_missing", null);
  const comment = cleaned(asText(of("comment")), MAX_MESSAGE_LENGTH, true);
  if (comment.problem !== undefined) findings.add("mended", "comment", comment.problem, of("comment"));
  const taskId = idOf(map.source, "task", task ?? "");
  const rating: Rating = {
    n: number,
    id: idOf(map.source, "rating", own),
    task_id: taskId,
    knows_task: seen.has("task", taskId),
    rater_id: idOf(map.source, "member", rater ?? ""),
    score: findings.read("refused", "score", of("score"), (raw) => asInteger(raw ?? "?", 1, 5, "score_invalid")) ?? 0,
    comment: comment.text,
    created_at: findings.read("mended", "created_at", of("created_at"), (raw) => asMoment(raw, map.time_zone)),
  };
  if (findings.isAccepted && !seen.claim("rating", `${rating.task_id} ${rating.rater_id}`)) {
    findings.add("refused", "rater_id", "rated_twice", of("rater_id"));
  }
  return findings.isAccepted ? { own, findings, entry: rating } : { own, findings };
}
