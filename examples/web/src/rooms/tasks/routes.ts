import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { memberRoute } from "../../app/root-routes.tsx";
import { readSearch } from "./mine/search.ts";

const newTask = createRoute({
  getParentRoute: () => memberRoute,
  path: "/tasks/new",
  component: lazyRouteComponent(() => import("./new-task.tsx"), "NewTask"),
});

const editTask = createRoute({
  getParentRoute: () => memberRoute,
  path: "/tasks/$task_id/edit",
  component: lazyRouteComponent(() => import("./edit-task.tsx"), "EditTask"),
});

const task = createRoute({
  getParentRoute: () => memberRoute,
  path: "/tasks/$task_id",
  component: lazyRouteComponent(() => import("./task-page.tsx"), "TaskPage"),
});

const mine = createRoute({
  getParentRoute: () => memberRoute,
  path: "/my-tasks",
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import("./my-tasks.tsx"), "MyTasks"),
});

export const tasksRoutes = [newTask, editTask, task, mine] as const;
