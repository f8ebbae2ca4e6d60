import type { TaskEvent } from "@neighbourhood-help/client";
import { useFormatter, useTranslations } from "use-intl";
import { useSignedIn } from "../../../app/context.ts";
import { Loaded } from "../../../components/states.tsx";
import { type ShownTask, useEvents } from "./data.ts";
import { EventChanges } from "./event-changes.tsx";

/** What happened to the task so far, as far as the member may know it. */
export function TaskStory({ task, offers }: ShownTask) {
  const t = useTranslations("tasks.page.story");
  const events = useEvents(task.id);
  const people = new Map([
    ...offers.map(({ helper }) => [helper.id, helper.name] as const),
    [task.creator.id, task.creator.name],
    ...(task.helper ? [[task.helper.id, task.helper.name] as const] : []),
  ]);
  return (
    <section className="stack" aria-labelledby="story">
      <h2 id="story">{t("title")}</h2>
      <Loaded query={events}>
        {(data) =>
          data.length === 0 ? (
            <p className="quiet">{t("empty")}</p>
          ) : (
            <ol className="story">
              {data.map((event) => (
                <StoryLine key={event.id} event={event} people={people} />
              ))}
            </ol>
          )
        }
      </Loaded>
    </section>
  );
}

function StoryLine({ event, people }: { event: TaskEvent; people: ReadonlyMap<string, string> }) {
  const t = useTranslations("tasks.page.story");
  const format = useFormatter();
  const me = useSignedIn().id;
  const { action, actor_id, helper_id, details } = event;
  const nameOf = (id: string | null) => (id === null ? "" : (people.get(id) ?? t("somebody")));
  // "you" and others take different words, in German above all
  const who = actor_id === null ? "nobody" : actor_id === me ? "you" : "other";
  const words = wordsOf(details);
  return (
    <li>
      {t(action, { who, name: nameOf(actor_id), helper: helper_id === me ? t("to_you") : nameOf(helper_id) })}{" "}
      <time className="quiet" dateTime={event.created_at}>
        {format.dateTime(new Date(event.created_at), { dateStyle: "medium", timeStyle: "short" })}
      </time>
      {action === "updated" && <EventChanges details={details} />}
      {words && <p className="quote">{words}</p>}
    </li>
  );
}

/** The reason or the note that came with it. */
function wordsOf(details: unknown): string | undefined {
  if (typeof details !== "object" || details === null) return undefined;
  const words: unknown = Reflect.get(details, "reason") ?? Reflect.get(details, "note");
  return typeof words === "string" ? words : undefined;
}
