import app from "../app/texts.en.ts";
import map from "../rooms/map/texts.en.ts";
import messages from "../rooms/messages/texts.en.ts";
import notification_settings from "../rooms/notifications/settings/texts.en.ts";
import notifications from "../rooms/notifications/texts.en.ts";
import places from "../rooms/places/texts.en.ts";
import points from "../rooms/points/texts.en.ts";
import ratings from "../rooms/ratings/texts.en.ts";
import redemptions from "../rooms/redemptions/texts.en.ts";
import rewards from "../rooms/rewards/texts.en.ts";
import statistics from "../rooms/statistics/texts.en.ts";
import tasks from "../rooms/tasks/texts.en.ts";
import users from "../rooms/users/texts.en.ts";

// One line per room; de.ts says the same in German, and does not compile when a text is missing.
const texts = {
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
};

/** All texts of the app, in one language. */
export type Texts = typeof texts;
export default texts;
