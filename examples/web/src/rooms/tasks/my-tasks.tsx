import { OFFER_STATUSES, TASK_STATUSES } from "@neighbourhood-help/client/contracts";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Field } from "../../components/field.tsx";
import { Page } from "../../components/page.tsx";
import { MyOffers } from "./mine/my-offers.tsx";
import { MyTaskList } from "./mine/my-task-list.tsx";
import { readSearch, TABS } from "./mine/search.ts";
import "./tasks.css";

/** One's own tasks and offers: what waits for the member first. */
export function MyTasks() {
  const t = useTranslations("tasks.mine");
  const search = useSearch({ from: "/member/my-tasks" });
  const { tab = "creator", status } = search;
  return (
    <Page
      title={t("title")}
      actions={
        <Link to="/tasks/new" className="button button-primary">
          {t("new_task")}
        </Link>
      }
    >
      <nav className="tabs" aria-label={t("lists")}>
        {TABS.map((name) => (
          <Link
            key={name}
            to="/my-tasks"
            search={{ tab: name }}
            replace
            className="tab"
            activeProps={{ "aria-current": undefined }}
            aria-current={name === tab ? "page" : undefined}
          >
            {t(`tabs.${name}`)}
          </Link>
        ))}
      </nav>
      <StateFilter />
      {search.tab === "offers" ? (
        <MyOffers status={search.status} />
      ) : (
        <MyTaskList as={search.tab ?? "creator"} status={search.status} />
      )}
      {tab !== "creator" && status === undefined && <Link to="/">{t("find")}</Link>}
    </Page>
  );
}

/** Only what is in one state; it stands in the address, so that the way back leads here. */
function StateFilter() {
  const t = useTranslations("tasks");
  const { tab = "creator", status = "" } = useSearch({ from: "/member/my-tasks" });
  const navigate = useNavigate();
  const choose = (next: string) =>
    void navigate({ to: "/my-tasks", search: readSearch({ tab, status: next }), replace: true });
  return (
    <Field label={t("mine.filter")}>
      {(control) => (
        <select {...control} value={status} onChange={(event) => choose(event.target.value)}>
          <option value="">{t("mine.all")}</option>
          {tab === "offers"
            ? OFFER_STATUSES.map((word) => (
                <option key={word} value={word}>
                  {t(`mine.offer_status.${word}`)}
                </option>
              ))
            : TASK_STATUSES.map((word) => (
                <option key={word} value={word}>
                  {t(`status.${word}`)}
                </option>
              ))}
        </select>
      )}
    </Field>
  );
}
