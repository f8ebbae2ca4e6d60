import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Button } from "../../components/button.tsx";
import { Page } from "../../components/page.tsx";
import { Empty, Loading, Problem } from "../../components/states.tsx";
import { Filters } from "./filters.tsx";
import { countFilters } from "./home-search.ts";
import { Recommended } from "./recommended.tsx";
import { TaskList } from "./task-list.tsx";
import { TasksMap } from "./tasks-map.tsx";
import { useFoundTasks } from "./use-found-tasks.ts";
import { useNeighbourhoods, useWhere, type Where } from "./where.ts";
import { ChooseWhere, WhereButton } from "./where-dialog.tsx";
import "./map.css";

/** Map and list of the tasks nearby. */
export function Home() {
  const t = useTranslations("map");
  const { where } = useWhere();
  const post = (
    <Link to="/tasks/new" className="button button-primary post-task">
      {t("post")}
    </Link>
  );
  return (
    <Page title={t("home_title")} actions={post}>
      {where === undefined ? <Loading /> : where === null ? <ChooseWhere /> : <Nearby where={where} />}
    </Page>
  );
}

function Nearby({ where }: { where: Where }) {
  const t = useTranslations("map");
  const search = useSearch({ from: "/member/" });
  const navigate = useNavigate({ from: "/" });
  const areas = useNeighbourhoods();
  const found = useFoundTasks(where, search);
  const tasks = found.data?.pages.flatMap(({ items }) => items) ?? [];
  const { map, ...rest } = search;
  const isMapShown = map !== "off";
  const toggleMap = () => void navigate({ search: isMapShown ? { ...rest, map: "off" } : rest, resetScroll: false });
  return (
    <div className={isMapShown ? "home home-with-map" : "home"}>
      <div className="home-head">
        <Filters search={search} />
        <div className="button-row">
          <WhereButton where={where} />
          <Button aria-expanded={isMapShown} onClick={toggleMap}>
            {t(isMapShown ? "hide_map" : "show_map")}
          </Button>
        </div>
      </div>
      {isMapShown && !areas.isPending && (
        <div className="home-map">
          <TasksMap
            // another place is another map
            key={`${where.latitude} ${where.longitude}`}
            where={where}
            areas={areas.data ?? []}
            search={search}
            found={tasks}
          />
        </div>
      )}
      <div className="home-list" aria-busy={found.isFetching}>
        {search.q === undefined && countFilters(search) === 0 && <Recommended where={where} />}
        <p role="status" className="quiet">
          {found.data && tasks.length > 0 && t(found.hasNextPage ? "shown_more" : "shown", { count: tasks.length })}
        </p>
        {found.isPending && <Loading />}
        {found.isError && <Problem error={found.error} onRetry={() => void found.refetch()} />}
        {found.data && tasks.length === 0 && (
          <Empty>{search.q === undefined ? t("nothing") : t("nothing_found", { query: search.q })}</Empty>
        )}
        {tasks.length > 0 && (
          <TaskList
            label={t("home_title")}
            tasks={tasks}
            hasMore={found.hasNextPage}
            isLoadingMore={found.isFetchingNextPage}
            onMore={() => void found.fetchNextPage()}
          />
        )}
      </div>
    </div>
  );
}
