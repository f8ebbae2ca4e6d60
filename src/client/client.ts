import {
  countUnreadMessages,
  deleteMessage,
  getConversation,
  getConversationsPage,
  getMessageSettings,
  getMessagesPage,
  markConversationRead,
  sendMessage,
  updateMessageSettings,
  watchMessages,
} from "./messages.ts";
import { listNeighbourhoods } from "./neighbourhoods.ts";
import {
  countUnreadNotifications,
  deletePushSubscription,
  getNotificationSettings,
  getNotificationsPage,
  listNotificationAddresses,
  listNotificationPreferences,
  listNotificationTypes,
  markNotificationsRead,
  savePushSubscription,
  setNotificationPreference,
  updateNotificationSettings,
} from "./notifications.ts";
import { iterate } from "./paging.ts";
import { listPartners } from "./partners.ts";
import { getAvatarUrl, getTaskImageUrls, removePicture, uploadAvatar, uploadTaskImage } from "./pictures.ts";
import { addPlace, deleteReview, getPlace, getPlaceReviewsPage, getPlacesPage, reviewPlace } from "./places.ts";
import { getPointAccount, getPointHistoryPage } from "./points.ts";
import { explainTrust, getGivenRatingsPage, getRatingsPage, listTaskRatings, rateTask } from "./ratings.ts";
import {
  getRecommendedPlacesPage,
  getRecommendedTasksPage,
  listPreferences,
  setPreference,
  suggestHelpers,
} from "./recommendations.ts";
import { getRedemption, getRedemptionsPage, redeemReward, returnRedemption, waitForCode } from "./redemptions.ts";
import { type ClientOptions, useReplica } from "./replica.ts";
import { getReward, getRewardsPage } from "./rewards.ts";
import { getPlaceSearchPage, getTaskSearchPage } from "./search.ts";
import { getLeaderboard, getUserStatistics, listMonthlyStatistics } from "./statistics.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";
import {
  acceptOffer,
  cancelTask,
  confirmTask,
  createTask,
  declineOffer,
  finishTask,
  offerHelp,
  rejectCompletion,
  releaseTask,
  renewOffer,
  replaceHelper,
  startTask,
  updateTask,
  withdrawOffer,
} from "./tasks/commands.ts";
import { requestPhoneNumber, revealTaskContact, sharePhoneNumber } from "./tasks/contact.ts";
import { getTaskMap } from "./tasks/map.ts";
import { getMyOffersPage, getMyTasksPage } from "./tasks/mine.ts";
import { getNearbyTasksPage } from "./tasks/nearby.ts";
import {
  getTask,
  getTaskLocation,
  getTaskRules,
  listCategories,
  listTaskEvents,
  listTaskOffers,
} from "./tasks/reads.ts";
import {
  blockUser,
  contestNoShow,
  getContact,
  getContactRevealsPage,
  getMe,
  getSettings,
  getUser,
  listBans,
  listBlocked,
  listLapses,
  unblockUser,
  updateContact,
  updateProfile,
  updateSettings,
} from "./users.ts";
import { watchNotifications } from "./watch-notifications.ts";

/** A function of this package: the supabase-js client comes first. */
type Call = (supabase: NeighbourhoodSupabase, ...rest: never[]) => unknown;

/** A function of this package with its first argument filled in. */
export type Bound<F> = F extends (supabase: NeighbourhoodSupabase, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** Rooms of functions, each with its first argument filled in. */
export type BoundRooms<Rooms> = {
  readonly [Room in keyof Rooms]: { readonly [Name in keyof Rooms[Room]]: Bound<Rooms[Room][Name]> };
};

function bindAll<Rooms extends { readonly [room: string]: { readonly [name: string]: Call } }>(
  supabase: NeighbourhoodSupabase,
  rooms: Rooms,
): BoundRooms<Rooms> {
  const bindRoom = (room: { readonly [name: string]: Call }) =>
    Object.fromEntries(Object.entries(room).map(([name, call]) => [name, call.bind(null, supabase)]));
  return Object.fromEntries(Object.entries(rooms).map(([name, room]) => [name, bindRoom(room)])) as BoundRooms<Rooms>;
}

/** Everything a frontend needs, by room. */
export type NeighbourhoodClient = ReturnType<typeof createNeighbourhoodClient>;

/**
 * The typed client on top of an existing supabase-js client. It knows nobody by itself: whoever is signed in there is who
 * acts here.
 *
 * Every function returns its value or throws an {@link ApiError}, and takes `{ signal }` as its last argument. What comes in
 * pages comes twice: `…Page` gets one page, and the name without `Page` iterates over all of them. Commands that give the same
 * answer when repeated are repeated by themselves, twice at most, when the connection fails; `tasks.create` and
 * `tasks.update` are not.
 *
 * Reads of what may be some seconds old can be answered by a read replica ({@link ClientOptions}): searches, places, statistics,
 * other members' profiles and ratings; never in the seconds after a command.
 *
 * @throws TypeError when the replica's client has no `accessToken`; the functions throw {@link ApiError}.
 * @example
 * ```ts
 * const supabase = createClient<Database>(url, publishableKey);
 * const client = createNeighbourhoodClient(supabase);
 * await supabase.auth.signInWithPassword({ email, password });
 * for await (const task of client.tasks.nearby({ latitude: 52.52, longitude: 13.405 })) console.log(task.title);
 * ```
 */
export function createNeighbourhoodClient(supabase: NeighbourhoodSupabase, options: ClientOptions = {}) {
  useReplica(supabase, options);
  return bindAll(supabase, {
    users: {
      me: getMe,
      get: getUser,
      contact: getContact,
      bans: listBans,
      blocked: listBlocked,
      lapses: listLapses,
      contestNoShow,
      updateProfile,
      updateContact,
      contactReveals: iterate(getContactRevealsPage),
      contactRevealsPage: getContactRevealsPage,
      settings: getSettings,
      updateSettings,
      block: blockUser,
      unblock: unblockUser,
    },
    neighbourhoods: { list: listNeighbourhoods },
    tasks: {
      create: createTask,
      update: updateTask,
      offerHelp,
      renewOffer,
      withdrawOffer,
      declineOffer,
      acceptOffer,
      start: startTask,
      finish: finishTask,
      confirm: confirmTask,
      rejectCompletion,
      release: releaseTask,
      replaceHelper,
      cancel: cancelTask,
      get: getTask,
      mine: iterate(getMyTasksPage),
      minePage: getMyTasksPage,
      myOffers: iterate(getMyOffersPage),
      myOffersPage: getMyOffersPage,
      map: getTaskMap,
      nearby: iterate(getNearbyTasksPage),
      nearbyPage: getNearbyTasksPage,
      offers: listTaskOffers,
      location: getTaskLocation,
      revealContact: revealTaskContact,
      requestPhoneNumber,
      sharePhoneNumber,
      events: listTaskEvents,
      categories: listCategories,
      rules: getTaskRules,
    },
    messages: {
      send: sendMessage,
      list: iterate(getMessagesPage),
      listPage: getMessagesPage,
      conversations: iterate(getConversationsPage),
      conversationsPage: getConversationsPage,
      conversation: getConversation,
      markRead: markConversationRead,
      countUnread: countUnreadMessages,
      delete: deleteMessage,
      watch: watchMessages,
      settings: getMessageSettings,
      updateSettings: updateMessageSettings,
    },
    pictures: {
      uploadAvatar,
      uploadTaskImage,
      avatarUrl: getAvatarUrl,
      taskImageUrls: getTaskImageUrls,
      remove: removePicture,
    },
    points: {
      account: getPointAccount,
      history: iterate(getPointHistoryPage),
      historyPage: getPointHistoryPage,
    },
    partners: { list: listPartners },
    rewards: {
      list: iterate(getRewardsPage),
      listPage: getRewardsPage,
      get: getReward,
    },
    ratings: {
      rate: rateTask,
      ofTask: listTaskRatings,
      about: iterate(getRatingsPage),
      aboutPage: getRatingsPage,
      given: iterate(getGivenRatingsPage),
      givenPage: getGivenRatingsPage,
      explainTrust,
    },
    redemptions: {
      redeem: redeemReward,
      waitForCode,
      get: getRedemption,
      return: returnRedemption,
      list: iterate(getRedemptionsPage),
      listPage: getRedemptionsPage,
    },
    statistics: {
      leaderboard: getLeaderboard,
      ofUser: getUserStatistics,
      monthly: listMonthlyStatistics,
    },
    places: {
      list: iterate(getPlacesPage),
      listPage: getPlacesPage,
      get: getPlace,
      add: addPlace,
      review: reviewPlace,
      deleteReview,
      reviews: iterate(getPlaceReviewsPage),
      reviewsPage: getPlaceReviewsPage,
    },
    recommendations: {
      preferences: listPreferences,
      setPreference,
      places: iterate(getRecommendedPlacesPage),
      placesPage: getRecommendedPlacesPage,
      tasks: iterate(getRecommendedTasksPage),
      tasksPage: getRecommendedTasksPage,
      helpers: suggestHelpers,
    },
    search: {
      tasksPage: getTaskSearchPage,
      tasks: iterate(getTaskSearchPage),
      placesPage: getPlaceSearchPage,
      places: iterate(getPlaceSearchPage),
    },
    notifications: {
      list: iterate(getNotificationsPage),
      listPage: getNotificationsPage,
      countUnread: countUnreadNotifications,
      markRead: markNotificationsRead,
      watch: watchNotifications,
      types: listNotificationTypes,
      preferences: listNotificationPreferences,
      setPreference: setNotificationPreference,
      settings: getNotificationSettings,
      updateSettings: updateNotificationSettings,
      addresses: listNotificationAddresses,
      savePushSubscription,
      deletePushSubscription,
    },
  });
}
