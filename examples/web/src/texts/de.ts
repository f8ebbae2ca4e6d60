import app from "../app/texts.de.ts";
import map from "../rooms/map/texts.de.ts";
import messages from "../rooms/messages/texts.de.ts";
import notification_settings from "../rooms/notifications/settings/texts.de.ts";
import notifications from "../rooms/notifications/texts.de.ts";
import places from "../rooms/places/texts.de.ts";
import points from "../rooms/points/texts.de.ts";
import ratings from "../rooms/ratings/texts.de.ts";
import redemptions from "../rooms/redemptions/texts.de.ts";
import rewards from "../rooms/rewards/texts.de.ts";
import statistics from "../rooms/statistics/texts.de.ts";
import tasks from "../rooms/tasks/texts.de.ts";
import users from "../rooms/users/texts.de.ts";
import type { Texts } from "./en.ts";

export default {
  app,
  map,
  messages,
  notification_settings,
  notifications,
  places,
  points,
  ratings,
  redemptions,
  rewards,
  statistics,
  tasks,
  users,
} satisfies Texts;
