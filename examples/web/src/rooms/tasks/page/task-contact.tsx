import type { TaskContact, TaskWithPeople } from "@neighbourhood-help/client";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../../app/context.ts";
import { useCommand } from "../../../app/use-command.ts";
import { Button } from "../../../components/button.tsx";
import { useNotices } from "../../../components/notices.tsx";

const OPEN_MS = 14 * 24 * 3_600_000;

/** From the acceptance until 14 days after completion the two sides may see where to go and how to call each other. */
function isContactOpen({ status, completed_at }: TaskWithPeople): boolean {
  if (status === "completed") return completed_at !== null && Date.parse(completed_at) + OPEN_MS > Date.now();
  return status === "assigned" || status === "in_progress" || status === "pending_confirmation";
}

/** Place and phone numbers of a task, for its two sides. */
export function TaskContactSection({ task }: { task: TaskWithPeople }) {
  return isContactOpen(task) && task.helper ? <OpenContact task={task} /> : null;
}

function OpenContact({ task }: { task: TaskWithPeople }) {
  const t = useTranslations("tasks.page.contact");
  const client = useClient();
  const { tell } = useNotices();
  const me = useSignedIn().id;
  const isCreator = task.creator_id === me;
  const name = (isCreator ? task.helper?.name : task.creator.name) ?? "";
  const [contact, setContact] = useState<TaskContact>();
  const reveal = useCommand({ run: () => client.tasks.revealContact(task.id), refreshes: [], onDone: setContact });
  const share = useCommand({
    run: () => client.tasks.sharePhoneNumber(task.id),
    refreshes: [],
    onDone: () => tell(t("shared_own", { name })),
  });
  return (
    <section className="stack" aria-labelledby="contact">
      <h2 id="contact">{t("title")}</h2>
      {contact ? (
        <Contact taskId={task.id} contact={contact} name={name} onAsked={setContact} />
      ) : (
        <>
          <p>{t(isCreator ? "noted_creator" : "noted_helper", { name })}</p>
          <div className="button-row">
            <Button isPending={reveal.isPending} onClick={() => reveal.mutate()}>
              {t(isCreator ? "reveal_creator" : "reveal_helper")}
            </Button>
          </div>
        </>
      )}
      <div className="button-row">
        <Button isPending={share.isPending} onClick={() => share.mutate()}>
          {t("share_own", { name })}
        </Button>
      </div>
    </section>
  );
}

interface ContactProps {
  readonly taskId: string;
  readonly contact: TaskContact;
  readonly name: string;
  readonly onAsked: (contact: TaskContact) => void;
}

function Contact({ taskId, contact, name, onAsked }: ContactProps) {
  const t = useTranslations("tasks.page.contact");
  const client = useClient();
  const { number } = useFormatter();
  const ask = useCommand({
    run: () => client.tasks.requestPhoneNumber(taskId),
    refreshes: [],
    onDone: () => onAsked({ ...contact, phone_status: "requested" }),
  });
  const { latitude, longitude, address, phone_number, phone_status } = contact;
  const degrees = (value: number) => number(value, { maximumFractionDigits: 5 });
  return (
    <dl className="facts">
      <div>
        <dt>{t("place")}</dt>
        <dd>
          {address ?? t("coordinates", { latitude: degrees(latitude), longitude: degrees(longitude) })}
          <br />
          <a
            href={`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=18/${latitude}/${longitude}`}
            target="_blank"
            rel="noreferrer"
          >
            {t("open_map")}
          </a>
        </dd>
      </div>
      <div>
        <dt>{t("phone", { name })}</dt>
        <dd>
          {phone_status === "shared" && phone_number !== null ? (
            <a href={`tel:${phone_number.replaceAll(/[^+0-9]/gu, "")}`}>{phone_number}</a>
          ) : (
            t(`phone_status.${phone_status}`, { name })
          )}
          {phone_status === "on_request" && (
            <div className="button-row">
              <Button isPending={ask.isPending} onClick={() => ask.mutate()}>
                {t("ask_phone")}
              </Button>
            </div>
          )}
        </dd>
      </div>
    </dl>
  );
}
