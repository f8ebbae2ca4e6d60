import type { LapseWithTask } from "@neighbourhood-help/client";
import { MAX_MESSAGE_LENGTH } from "@neighbourhood-help/client/contracts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Field } from "../../components/field.tsx";
import { Form } from "../../components/form.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Page } from "../../components/page.tsx";
import { Empty, Loaded } from "../../components/states.tsx";
import "./users.css";

/** Tasks that the member did not come to, or gave back too late; a no-show can be contested once. */
export function Lapses() {
  const t = useTranslations("users");
  const { users } = useClient();
  const lapses = useQuery({ queryKey: ["users", "lapses"], queryFn: ({ signal }) => users.lapses({ signal }) });
  return (
    <Page title={t("lapses.title")} hasBack>
      <p>{t("lapses.lead")}</p>
      <Loaded query={lapses}>
        {(found) =>
          found.length === 0 ? (
            <Empty>{t("lapses.none")}</Empty>
          ) : (
            <ul className="list">
              {found.map((lapse) => (
                <li key={lapse.id}>
                  <LapseCard lapse={lapse} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}

function LapseCard({ lapse }: { lapse: LapseWithTask }) {
  const t = useTranslations("users");
  const format = useFormatter();
  const day = (moment: string) => format.dateTime(new Date(moment), { dateStyle: "medium" });
  return (
    <article className="card">
      <strong>{t(`lapses.${lapse.kind}`)}</strong>
      {lapse.task === null ? (
        <span className="quiet">{t("lapses.task_gone")}</span>
      ) : (
        <Link to="/tasks/$task_id" params={{ task_id: lapse.task.id }} className="tall-link">
          {lapse.task.title}
        </Link>
      )}
      <span className="quiet">{day(lapse.created_at)}</span>
      {lapse.statement !== null && <p className="typed">{t("lapses.you_said", { statement: lapse.statement })}</p>}
      {lapse.decision !== null && <p>{t(`lapses.${lapse.decision}`)}</p>}
      {lapse.decision_reason !== null && (
        <p className="typed">{t("lapses.because", { reason: lapse.decision_reason })}</p>
      )}
      {lapse.contested_at !== null && lapse.decision === null && <p>{t("lapses.waiting")}</p>}
      {lapse.kind === "no_show" && lapse.contested_at === null && lapse.decision === null && (
        <Contest lapseId={lapse.id} />
      )}
    </article>
  );
}

function Contest({ lapseId }: { lapseId: number }) {
  const t = useTranslations("users");
  const { users } = useClient();
  const { tell } = useNotices();
  const [isOpen, setOpen] = useState(false);
  const contest = useCommand({
    run: (statement: string) => users.contestNoShow(lapseId, { statement }),
    refreshes: [["users", "lapses"]],
    onDone() {
      setOpen(false);
      tell(t("lapses.contested"));
    },
    onError: () => undefined,
  });
  return (
    <>
      <div className="button-row">
        <Button onClick={() => setOpen(true)}>{t("lapses.contest")}</Button>
      </div>
      <Dialog title={t("lapses.contest")} isOpen={isOpen} onClose={() => setOpen(false)}>
        <Form
          submit={t("lapses.send")}
          isPending={contest.isPending}
          error={contest.error}
          onSend={(typed) => contest.mutate(typed("statement"))}
        >
          <Field label={t("lapses.statement")} hint={t("lapses.statement_hint")}>
            {(control) => <textarea {...control} name="statement" rows={5} maxLength={MAX_MESSAGE_LENGTH} required />}
          </Field>
        </Form>
      </Dialog>
    </>
  );
}
