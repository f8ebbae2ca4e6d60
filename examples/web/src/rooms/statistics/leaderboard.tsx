import type { LeaderboardEntry } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Button } from "../../components/button.tsx";
import { Page } from "../../components/page.tsx";
import { Empty, Loaded } from "../../components/states.tsx";
import { Avatar } from "../users/member-link.tsx";
import { settingsQuery } from "../users/queries.ts";
import { useChangeSettings } from "../users/settings-form.tsx";
import { PERIODS } from "./periods.ts";
import "./leaderboard.css";

/** Who helped most; only who agreed is listed, and oneself. */
export function Leaderboard() {
  const t = useTranslations("statistics");
  const { statistics } = useClient();
  const { period = "month" } = useSearch({ from: "/member/leaderboard" });
  const entries = useQuery({
    queryKey: ["statistics", "leaderboard", period],
    queryFn: ({ signal }) => statistics.leaderboard({ period }, { signal }),
  });
  return (
    <Page title={t("leaderboard")} hasBack>
      <nav className="periods" aria-label={t("period_of")}>
        {PERIODS.map((name) => (
          <Link
            key={name}
            to="/leaderboard"
            search={{ period: name }}
            replace
            className="button"
            aria-current={name === period ? "page" : undefined}
            activeProps={{}}
          >
            {t(`period.${name}`)}
          </Link>
        ))}
      </nav>
      <Consent />
      <Loaded query={entries}>
        {(found) => (found.length === 0 ? <Empty>{t("nobody")}</Empty> : <Entries entries={found} />)}
      </Loaded>
      <p className="quiet">{t("how")}</p>
    </Page>
  );
}

function Entries({ entries }: { entries: readonly LeaderboardEntry[] }) {
  const t = useTranslations("statistics");
  return (
    <ol className="list">
      {entries.map((entry) => (
        <li key={entry.user_id}>
          <Link
            to="/members/$user_id"
            params={{ user_id: entry.user_id }}
            className={entry.is_me ? "card entry entry-own" : "card entry"}
          >
            <span className="entry-rank">{t("rank", { rank: entry.rank })}</span>
            <Avatar user={entry} />
            <span className="entry-name">
              <strong>{entry.is_me ? t("you", { name: entry.name }) : entry.name}</strong>
              <span>{t("points", { points: entry.points })}</span>
              <span className="quiet">{t("helped", { count: entry.tasks_helped })}</span>
            </span>
          </Link>
        </li>
      ))}
    </ol>
  );
}

/** To whom does the member's place show? */
function Consent() {
  const t = useTranslations("statistics");
  const { data: settings } = useQuery(settingsQuery(useClient()));
  const { mutate, isPending } = useChangeSettings();
  if (settings === undefined || settings.show_on_leaderboard) return null;
  return (
    <div className="card">
      <p>{t("hidden")}</p>
      <div className="button-row">
        <Button isPending={isPending} onClick={() => mutate({ show_on_leaderboard: true })}>
          {t("show_me")}
        </Button>
      </div>
    </div>
  );
}
