/**
 * Typed client of the neighbourhood-help backend. Start with {@link createNeighbourhoodClient}; where every byte counts,
 * import single functions instead (`confirmTask(supabase, taskId)`).
 *
 * @module
 */
export {
  ERRORS,
  type ErrorEntry,
  type ErrorSlug,
  errorText,
  isErrorSlug,
  type Locale,
} from "../../supabase/functions/_shared/contracts/errors.ts";
export type {
  NotificationChannel,
  NotificationDigest,
  NotificationPreferenceInput,
  NotificationSettingsInput,
  NotificationsInput,
  PushSubscriptionInput,
} from "../../supabase/functions/_shared/contracts/notifications.ts";
export type { LimitPeriod } from "../../supabase/functions/_shared/contracts/partners.ts";
export type {
  PictureBucket,
  PictureRef,
  PictureType,
  TaskImageUrlsInput,
} from "../../supabase/functions/_shared/contracts/pictures.ts";
export type {
  AddPlaceInput,
  OpeningHours,
  PlaceCategory,
  PlaceReviewsInput,
  PlaceSource,
  PlacesInput,
  ReviewPlaceInput,
  Weekday,
} from "../../supabase/functions/_shared/contracts/places.ts";
export type { PointHistoryInput, PointTransactionType } from "../../supabase/functions/_shared/contracts/points.ts";
export type {
  GivenRatingsInput,
  RateTaskInput,
  RatingsInput,
  TrustPartName,
} from "../../supabase/functions/_shared/contracts/ratings.ts";
export type {
  DistanceBand,
  RecommendationsInput,
  SetPreferenceInput,
} from "../../supabase/functions/_shared/contracts/recommendations.ts";
export type {
  CodeSource,
  DiscountType,
  RedemptionEndReason,
  RedemptionStatus,
  RedemptionsInput,
  RewardsInput,
} from "../../supabase/functions/_shared/contracts/redemptions.ts";
export type { SearchPlacesInput, SearchTasksInput } from "../../supabase/functions/_shared/contracts/search.ts";
export type {
  LeaderboardInput,
  LeaderboardPeriod,
  MonthlyStatisticsInput,
} from "../../supabase/functions/_shared/contracts/statistics.ts";
export type {
  CreateTaskInput,
  JsonObject,
  JsonValue,
  MyOffersInput,
  MyTasksInput,
  NearbySort,
  NearbyTasksInput,
  OfferStatus,
  RewardFunding,
  RootCategory,
  TaskEventAction,
  TaskRole,
  TaskStatus,
  UpdateTaskInput,
} from "../../supabase/functions/_shared/contracts/tasks.ts";
export type {
  Language,
  UpdateContactInput,
  UpdateProfileInput,
  UpdateSettingsInput,
} from "../../supabase/functions/_shared/contracts/users.ts";
export { ApiError, type ApiErrorInit, apiErrorFrom } from "./api-error.ts";
export {
  type Bound,
  createNeighbourhoodClient,
  type NeighbourhoodClient,
  type NeighbourhoodsClient,
  type NotificationsClient,
  type PicturesClient,
  type PlacesClient,
  type PointsClient,
  type RatingsClient,
  type RecommendationsClient,
  type RedemptionsClient,
  type RewardsClient,
  type SearchClient,
  type StatisticsClient,
  type TasksClient,
  type UsersClient,
} from "./client.ts";
export type { Database, Json, Tables } from "./database.types.ts";
export { listNeighbourhoods } from "./neighbourhoods.ts";
export {
  countUnreadNotifications,
  deletePushSubscription,
  getNotificationSettings,
  getNotificationsPage,
  iterateNotifications,
  listNotificationPreferences,
  listNotificationTypes,
  markNotificationsRead,
  type PushSubscriptionJson,
  savePushSubscription,
  setNotificationPreference,
  updateNotificationSettings,
} from "./notifications.ts";
export type { Page } from "./paging.ts";
export { type EncodeWish, encodeInBrowser, type PictureEncoder } from "./picture-encoder.ts";
export {
  getAvatarUrl,
  getTaskImageUrls,
  removePicture,
  type TaskImageUrl,
  type UploadOptions,
  uploadAvatar,
  uploadTaskImage,
} from "./pictures.ts";
export {
  addPlace,
  deleteReview,
  getPlace,
  getPlaceReviewsPage,
  getPlacesPage,
  iteratePlaceReviews,
  iteratePlaces,
  reviewPlace,
} from "./places.ts";
export { getPointAccount, getPointHistoryPage, iteratePointHistory } from "./points.ts";
export {
  explainTrust,
  getGivenRatingsPage,
  getRatingsPage,
  iterateGivenRatings,
  iterateRatings,
  listTaskRatings,
  rateTask,
} from "./ratings.ts";
export {
  getRecommendedPlacesPage,
  getRecommendedTasksPage,
  iterateRecommendedPlaces,
  iterateRecommendedTasks,
  listPreferences,
  setPreference,
  suggestHelpers,
} from "./recommendations.ts";
export {
  getRedemption,
  getRedemptionsPage,
  iterateRedemptions,
  type RedeemWish,
  redeemReward,
  returnRedemption,
  type WaitOptions,
  waitForCode,
} from "./redemptions.ts";
export type { RequestOptions } from "./request.ts";
export { getReward, getRewardsPage, iterateRewards, listPartners } from "./rewards.ts";
export type {
  Category,
  FoundPlace,
  FoundTask,
  LeaderboardEntry,
  Me,
  MonthlyStatistics,
  MyTask,
  NearbyTask,
  Neighbourhood,
  Notification,
  NotificationPreference,
  NotificationSettings,
  NotificationType,
  Partner,
  PartnerCard,
  Place,
  PlaceReview,
  PlaceReviewWithUser,
  PointAccount,
  PointTransaction,
  Preference,
  Rating,
  RatingWithRater,
  Recommendation,
  RecommendedPlace,
  RecommendedTask,
  Redemption,
  RedemptionWithCode,
  Reward,
  RewardWithPartner,
  SuggestedHelper,
  Task,
  TaskEvent,
  TaskLocation,
  TaskOffer,
  TaskOfferWithHelper,
  TaskOfferWithTask,
  TaskWithPeople,
  TrustPart,
  User,
  UserBan,
  UserBlock,
  UserBlockWithUser,
  UserCard,
  UserContact,
  UserSettings,
  UserStatistics,
} from "./rows.ts";
export {
  getPlaceSearchPage,
  getTaskSearchPage,
  iteratePlaceSearch,
  iterateTaskSearch,
  type SnippetPart,
  splitSnippet,
} from "./search.ts";
export { getLeaderboard, getUserStatistics, listMonthlyStatistics } from "./statistics.ts";
export type { NeighbourhoodSupabase } from "./supabase.ts";
export {
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
  type TaskChanges,
  updateTask,
  withdrawOffer,
} from "./tasks/commands.ts";
export { getMyOffersPage, getMyTasksPage, iterateMyOffers, iterateMyTasks } from "./tasks/mine.ts";
export { getNearbyTasksPage, iterateNearbyTasks } from "./tasks/nearby.ts";
export { getTask, getTaskLocation, listCategories, listTaskEvents, listTaskOffers } from "./tasks/reads.ts";
export {
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
export { getApiVersion } from "./version.ts";
export { type NotificationWatcher, type WatchOptions, watchNotifications } from "./watch-notifications.ts";
