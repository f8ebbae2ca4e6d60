import { listNeighbourhoods } from "./neighbourhoods.ts";
import {
  countUnreadNotifications,
  deletePushSubscription,
  getNotificationSettings,
  getNotificationsPage,
  iterateNotifications,
  listNotificationPreferences,
  listNotificationTypes,
  markNotificationsRead,
  savePushSubscription,
  setNotificationPreference,
  updateNotificationSettings,
} from "./notifications.ts";
import { getAvatarUrl, getTaskImageUrls, removePicture, uploadAvatar, uploadTaskImage } from "./pictures.ts";
import {
  addPlace,
  deleteReview,
  getPlace,
  getPlaceReviewsPage,
  getPlacesPage,
  iteratePlaceReviews,
  iteratePlaces,
  reviewPlace,
} from "./places.ts";
import { getPointAccount, getPointHistoryPage, iteratePointHistory } from "./points.ts";
import {
  explainTrust,
  getGivenRatingsPage,
  getRatingsPage,
  iterateGivenRatings,
  iterateRatings,
  listTaskRatings,
  rateTask,
} from "./ratings.ts";
import {
  getRecommendedPlacesPage,
  getRecommendedTasksPage,
  iterateRecommendedPlaces,
  iterateRecommendedTasks,
  listPreferences,
  setPreference,
  suggestHelpers,
} from "./recommendations.ts";
import {
  getRedemption,
  getRedemptionsPage,
  iterateRedemptions,
  redeemReward,
  returnRedemption,
  waitForCode,
} from "./redemptions.ts";
import { getReward, getRewardsPage, iterateRewards, listPartners } from "./rewards.ts";
import { getPlaceSearchPage, getTaskSearchPage, iteratePlaceSearch, iterateTaskSearch } from "./search.ts";
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
  startTask,
  updateTask,
  withdrawOffer,
} from "./tasks/commands.ts";
import { getMyOffersPage, getMyTasksPage, iterateMyOffers, iterateMyTasks } from "./tasks/mine.ts";
import { getNearbyTasksPage, iterateNearbyTasks } from "./tasks/nearby.ts";
import { getTask, getTaskLocation, listCategories, listTaskEvents, listTaskOffers } from "./tasks/reads.ts";
import {
  blockUser,
  getContact,
  getMe,
  getSettings,
  getUser,
  listBans,
  listBlocked,
  unblockUser,
  updateContact,
  updateProfile,
  updateSettings,
} from "./users.ts";
import { watchNotifications } from "./watch-notifications.ts";

/** A function of this package with its first argument, the supabase-js client, filled in. */
export type Bound<F> = F extends (supabase: NeighbourhoodSupabase, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** Profiles, contact data, blocks. */
export interface UsersClient {
  /** {@link getMe} */
  readonly me: Bound<typeof getMe>;
  /** {@link getUser} */
  readonly get: Bound<typeof getUser>;
  /** {@link getContact} */
  readonly contact: Bound<typeof getContact>;
  /** {@link listBans} */
  readonly bans: Bound<typeof listBans>;
  /** {@link listBlocked} */
  readonly blocked: Bound<typeof listBlocked>;
  /** {@link updateProfile} */
  readonly updateProfile: Bound<typeof updateProfile>;
  /** {@link updateContact} */
  readonly updateContact: Bound<typeof updateContact>;
  /** {@link getSettings} */
  readonly settings: Bound<typeof getSettings>;
  /** {@link updateSettings} */
  readonly updateSettings: Bound<typeof updateSettings>;
  /** {@link blockUser} */
  readonly block: Bound<typeof blockUser>;
  /** {@link unblockUser} */
  readonly unblock: Bound<typeof unblockUser>;
}

/** Named areas on the map. */
export interface NeighbourhoodsClient {
  /** {@link listNeighbourhoods} */
  readonly list: Bound<typeof listNeighbourhoods>;
}

/** Tasks from posting to confirmation. */
export interface TasksClient {
  /** {@link createTask} */
  readonly create: Bound<typeof createTask>;
  /** {@link updateTask} */
  readonly update: Bound<typeof updateTask>;
  /** {@link offerHelp} */
  readonly offerHelp: Bound<typeof offerHelp>;
  /** {@link withdrawOffer} */
  readonly withdrawOffer: Bound<typeof withdrawOffer>;
  /** {@link declineOffer} */
  readonly declineOffer: Bound<typeof declineOffer>;
  /** {@link acceptOffer} */
  readonly acceptOffer: Bound<typeof acceptOffer>;
  /** {@link startTask} */
  readonly start: Bound<typeof startTask>;
  /** {@link finishTask} */
  readonly finish: Bound<typeof finishTask>;
  /** {@link confirmTask} */
  readonly confirm: Bound<typeof confirmTask>;
  /** {@link rejectCompletion} */
  readonly rejectCompletion: Bound<typeof rejectCompletion>;
  /** {@link releaseTask} */
  readonly release: Bound<typeof releaseTask>;
  /** {@link cancelTask} */
  readonly cancel: Bound<typeof cancelTask>;
  /** {@link getTask} */
  readonly get: Bound<typeof getTask>;
  /** {@link iterateMyTasks} */
  readonly mine: Bound<typeof iterateMyTasks>;
  /** {@link getMyTasksPage} */
  readonly minePage: Bound<typeof getMyTasksPage>;
  /** {@link iterateMyOffers} */
  readonly myOffers: Bound<typeof iterateMyOffers>;
  /** {@link getMyOffersPage} */
  readonly myOffersPage: Bound<typeof getMyOffersPage>;
  /** {@link iterateNearbyTasks} */
  readonly nearby: Bound<typeof iterateNearbyTasks>;
  /** {@link getNearbyTasksPage} */
  readonly nearbyPage: Bound<typeof getNearbyTasksPage>;
  /** {@link listTaskOffers} */
  readonly offers: Bound<typeof listTaskOffers>;
  /** {@link getTaskLocation} */
  readonly location: Bound<typeof getTaskLocation>;
  /** {@link listTaskEvents} */
  readonly events: Bound<typeof listTaskEvents>;
  /** {@link listCategories} */
  readonly categories: Bound<typeof listCategories>;
}

/** Pictures of members and tasks. */
export interface PicturesClient {
  /** {@link uploadAvatar} */
  readonly uploadAvatar: Bound<typeof uploadAvatar>;
  /** {@link uploadTaskImage} */
  readonly uploadTaskImage: Bound<typeof uploadTaskImage>;
  /** {@link getAvatarUrl} */
  readonly avatarUrl: Bound<typeof getAvatarUrl>;
  /** {@link getTaskImageUrls} */
  readonly taskImageUrls: Bound<typeof getTaskImageUrls>;
  /** {@link removePicture} */
  readonly remove: Bound<typeof removePicture>;
}

/** Balance and history of points. */
export interface PointsClient {
  /** {@link getPointAccount} */
  readonly account: Bound<typeof getPointAccount>;
  /** {@link iteratePointHistory} */
  readonly history: Bound<typeof iteratePointHistory>;
  /** {@link getPointHistoryPage} */
  readonly historyPage: Bound<typeof getPointHistoryPage>;
}

/** What points can buy, and where. */
export interface RewardsClient {
  /** {@link iterateRewards} */
  readonly list: Bound<typeof iterateRewards>;
  /** {@link getRewardsPage} */
  readonly listPage: Bound<typeof getRewardsPage>;
  /** {@link getReward} */
  readonly get: Bound<typeof getReward>;
  /** {@link listPartners} */
  readonly partners: Bound<typeof listPartners>;
}

/** Places on the map and what members think of them. */
export interface PlacesClient {
  /** {@link iteratePlaces} */
  readonly list: Bound<typeof iteratePlaces>;
  /** {@link getPlacesPage} */
  readonly listPage: Bound<typeof getPlacesPage>;
  /** {@link getPlace} */
  readonly get: Bound<typeof getPlace>;
  /** {@link addPlace} */
  readonly add: Bound<typeof addPlace>;
  /** {@link reviewPlace} */
  readonly review: Bound<typeof reviewPlace>;
  /** {@link deleteReview} */
  readonly deleteReview: Bound<typeof deleteReview>;
  /** {@link iteratePlaceReviews} */
  readonly reviews: Bound<typeof iteratePlaceReviews>;
  /** {@link getPlaceReviewsPage} */
  readonly reviewsPage: Bound<typeof getPlaceReviewsPage>;
}

/** What to do, where to go and who could help. */
export interface RecommendationsClient {
  /** {@link listPreferences} */
  readonly preferences: Bound<typeof listPreferences>;
  /** {@link setPreference} */
  readonly setPreference: Bound<typeof setPreference>;
  /** {@link iterateRecommendedPlaces} */
  readonly places: Bound<typeof iterateRecommendedPlaces>;
  /** {@link getRecommendedPlacesPage} */
  readonly placesPage: Bound<typeof getRecommendedPlacesPage>;
  /** {@link iterateRecommendedTasks} */
  readonly tasks: Bound<typeof iterateRecommendedTasks>;
  /** {@link getRecommendedTasksPage} */
  readonly tasksPage: Bound<typeof getRecommendedTasksPage>;
  /** {@link suggestHelpers} */
  readonly helpers: Bound<typeof suggestHelpers>;
}

/** What the two sides of a completed task say about each other. */
export interface RatingsClient {
  /** {@link rateTask} */
  readonly rate: Bound<typeof rateTask>;
  /** {@link listTaskRatings} */
  readonly ofTask: Bound<typeof listTaskRatings>;
  /** {@link iterateRatings} */
  readonly about: Bound<typeof iterateRatings>;
  /** {@link getRatingsPage} */
  readonly aboutPage: Bound<typeof getRatingsPage>;
  /** {@link iterateGivenRatings} */
  readonly given: Bound<typeof iterateGivenRatings>;
  /** {@link getGivenRatingsPage} */
  readonly givenPage: Bound<typeof getGivenRatingsPage>;
  /** {@link explainTrust} */
  readonly explainTrust: Bound<typeof explainTrust>;
}

/** Points turned into codes. */
export interface RedemptionsClient {
  /** {@link redeemReward} */
  readonly redeem: Bound<typeof redeemReward>;
  /** {@link waitForCode} */
  readonly waitForCode: Bound<typeof waitForCode>;
  /** {@link getRedemption} */
  readonly get: Bound<typeof getRedemption>;
  /** {@link returnRedemption} */
  readonly return: Bound<typeof returnRedemption>;
  /** {@link iterateRedemptions} */
  readonly list: Bound<typeof iterateRedemptions>;
  /** {@link getRedemptionsPage} */
  readonly listPage: Bound<typeof getRedemptionsPage>;
}

/** What happened, in figures. */
export interface StatisticsClient {
  /** {@link getLeaderboard} */
  readonly leaderboard: Bound<typeof getLeaderboard>;
  /** {@link getUserStatistics} */
  readonly ofUser: Bound<typeof getUserStatistics>;
  /** {@link listMonthlyStatistics} */
  readonly monthly: Bound<typeof listMonthlyStatistics>;
}

/** Tasks and places found by words. */
export interface SearchClient {
  /** {@link getTaskSearchPage} */
  readonly tasksPage: Bound<typeof getTaskSearchPage>;
  /** {@link iterateTaskSearch} */
  readonly tasks: Bound<typeof iterateTaskSearch>;
  /** {@link getPlaceSearchPage} */
  readonly placesPage: Bound<typeof getPlaceSearchPage>;
  /** {@link iteratePlaceSearch} */
  readonly places: Bound<typeof iteratePlaceSearch>;
}

/** What happened, told in the app, by e-mail and by push. */
export interface NotificationsClient {
  /** {@link iterateNotifications} */
  readonly list: Bound<typeof iterateNotifications>;
  /** {@link getNotificationsPage} */
  readonly listPage: Bound<typeof getNotificationsPage>;
  /** {@link countUnreadNotifications} */
  readonly countUnread: Bound<typeof countUnreadNotifications>;
  /** {@link markNotificationsRead} */
  readonly markRead: Bound<typeof markNotificationsRead>;
  /** {@link watchNotifications} */
  readonly watch: Bound<typeof watchNotifications>;
  /** {@link listNotificationTypes} */
  readonly types: Bound<typeof listNotificationTypes>;
  /** {@link listNotificationPreferences} */
  readonly preferences: Bound<typeof listNotificationPreferences>;
  /** {@link setNotificationPreference} */
  readonly setPreference: Bound<typeof setNotificationPreference>;
  /** {@link getNotificationSettings} */
  readonly settings: Bound<typeof getNotificationSettings>;
  /** {@link updateNotificationSettings} */
  readonly updateSettings: Bound<typeof updateNotificationSettings>;
  /** {@link savePushSubscription} */
  readonly savePushSubscription: Bound<typeof savePushSubscription>;
  /** {@link deletePushSubscription} */
  readonly deletePushSubscription: Bound<typeof deletePushSubscription>;
}

/** Everything a frontend needs, by room. */
export interface NeighbourhoodClient {
  readonly users: UsersClient;
  readonly neighbourhoods: NeighbourhoodsClient;
  readonly tasks: TasksClient;
  readonly pictures: PicturesClient;
  readonly points: PointsClient;
  readonly rewards: RewardsClient;
  readonly ratings: RatingsClient;
  readonly redemptions: RedemptionsClient;
  readonly statistics: StatisticsClient;
  readonly places: PlacesClient;
  readonly recommendations: RecommendationsClient;
  readonly search: SearchClient;
  readonly notifications: NotificationsClient;
}

/**
 * The typed client on top of an existing supabase-js client. It knows nobody by itself: whoever is signed in there is who
 * acts here.
 *
 * Every function returns its value or throws an {@link ApiError}, and takes `{ signal }` as its last argument. Commands that
 * give the same answer when repeated are repeated by themselves, twice at most, when the connection fails; `tasks.create` and
 * `tasks.update` are not.
 *
 * @throws Nothing itself; the functions throw {@link ApiError}.
 * @example
 * ```ts
 * const supabase = createClient<Database>(url, publishableKey);
 * const client = createNeighbourhoodClient(supabase);
 * await supabase.auth.signInWithPassword({ email, password });
 * for await (const task of client.tasks.nearby({ latitude: 52.52, longitude: 13.405 })) console.log(task.title);
 * ```
 */
export function createNeighbourhoodClient(supabase: NeighbourhoodSupabase): NeighbourhoodClient {
  const bind =
    <Rest extends unknown[], Result>(call: (supabase: NeighbourhoodSupabase, ...rest: Rest) => Result) =>
    (...rest: Rest): Result =>
      call(supabase, ...rest);
  return {
    users: {
      me: bind(getMe),
      get: bind(getUser),
      contact: bind(getContact),
      bans: bind(listBans),
      blocked: bind(listBlocked),
      updateProfile: bind(updateProfile),
      updateContact: bind(updateContact),
      settings: bind(getSettings),
      updateSettings: bind(updateSettings),
      block: bind(blockUser),
      unblock: bind(unblockUser),
    },
    neighbourhoods: { list: bind(listNeighbourhoods) },
    tasks: {
      create: bind(createTask),
      update: bind(updateTask),
      offerHelp: bind(offerHelp),
      withdrawOffer: bind(withdrawOffer),
      declineOffer: bind(declineOffer),
      acceptOffer: bind(acceptOffer),
      start: bind(startTask),
      finish: bind(finishTask),
      confirm: bind(confirmTask),
      rejectCompletion: bind(rejectCompletion),
      release: bind(releaseTask),
      cancel: bind(cancelTask),
      get: bind(getTask),
      mine: bind(iterateMyTasks),
      minePage: bind(getMyTasksPage),
      myOffers: bind(iterateMyOffers),
      myOffersPage: bind(getMyOffersPage),
      nearby: bind(iterateNearbyTasks),
      nearbyPage: bind(getNearbyTasksPage),
      offers: bind(listTaskOffers),
      location: bind(getTaskLocation),
      events: bind(listTaskEvents),
      categories: bind(listCategories),
    },
    pictures: {
      uploadAvatar: bind(uploadAvatar),
      uploadTaskImage: bind(uploadTaskImage),
      avatarUrl: bind(getAvatarUrl),
      taskImageUrls: bind(getTaskImageUrls),
      remove: bind(removePicture),
    },
    points: {
      account: bind(getPointAccount),
      history: bind(iteratePointHistory),
      historyPage: bind(getPointHistoryPage),
    },
    rewards: {
      list: bind(iterateRewards),
      listPage: bind(getRewardsPage),
      get: bind(getReward),
      partners: bind(listPartners),
    },
    ratings: {
      rate: bind(rateTask),
      ofTask: bind(listTaskRatings),
      about: bind(iterateRatings),
      aboutPage: bind(getRatingsPage),
      given: bind(iterateGivenRatings),
      givenPage: bind(getGivenRatingsPage),
      explainTrust: bind(explainTrust),
    },
    redemptions: {
      redeem: bind(redeemReward),
      waitForCode: bind(waitForCode),
      get: bind(getRedemption),
      return: bind(returnRedemption),
      list: bind(iterateRedemptions),
      listPage: bind(getRedemptionsPage),
    },
    statistics: {
      leaderboard: bind(getLeaderboard),
      ofUser: bind(getUserStatistics),
      monthly: bind(listMonthlyStatistics),
    },
    places: {
      list: bind(iteratePlaces),
      listPage: bind(getPlacesPage),
      get: bind(getPlace),
      add: bind(addPlace),
      review: bind(reviewPlace),
      deleteReview: bind(deleteReview),
      reviews: bind(iteratePlaceReviews),
      reviewsPage: bind(getPlaceReviewsPage),
    },
    recommendations: {
      preferences: bind(listPreferences),
      setPreference: bind(setPreference),
      places: bind(iterateRecommendedPlaces),
      placesPage: bind(getRecommendedPlacesPage),
      tasks: bind(iterateRecommendedTasks),
      tasksPage: bind(getRecommendedTasksPage),
      helpers: bind(suggestHelpers),
    },
    search: {
      tasksPage: bind(getTaskSearchPage),
      tasks: bind(iterateTaskSearch),
      placesPage: bind(getPlaceSearchPage),
      places: bind(iteratePlaceSearch),
    },
    notifications: {
      list: bind(iterateNotifications),
      listPage: bind(getNotificationsPage),
      countUnread: bind(countUnreadNotifications),
      markRead: bind(markNotificationsRead),
      watch: bind(watchNotifications),
      types: bind(listNotificationTypes),
      preferences: bind(listNotificationPreferences),
      setPreference: bind(setNotificationPreference),
      settings: bind(getNotificationSettings),
      updateSettings: bind(updateNotificationSettings),
      savePushSubscription: bind(savePushSubscription),
      deletePushSubscription: bind(deletePushSubscription),
    },
  };
}
