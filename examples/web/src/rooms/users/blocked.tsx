import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Button } from "../../components/button.tsx";
import { Page } from "../../components/page.tsx";
import { Empty, Loaded } from "../../components/states.tsx";
import { useUnblock } from "./block-button.tsx";
import { MemberLink } from "./member-link.tsx";
import { blockedQuery } from "./queries.ts";
import "./users.css";

/** Whom the member has blocked. */
export function Blocked() {
  const t = useTranslations("users");
  const blocks = useQuery(blockedQuery(useClient()));
  const unblock = useUnblock();
  return (
    <Page title={t("blocked.title")} hasBack>
      <p>{t("blocked.lead")}</p>
      <Loaded query={blocks}>
        {(found) =>
          found.length === 0 ? (
            <Empty>{t("blocked.none")}</Empty>
          ) : (
            <ul className="list">
              {found.map(({ blocked_id, blocked }) => (
                <li key={blocked_id} className="card">
                  <MemberLink user={blocked} />
                  <div className="button-row">
                    <Button
                      isPending={unblock.isPending && unblock.variables === blocked_id}
                      aria-label={t("block.lift_of", { name: blocked.name })}
                      onClick={() => unblock.mutate(blocked_id)}
                    >
                      {t("block.lift")}
                    </Button>
                  </div>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}
