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
  type ErrorSubject,
  errorText,
  isErrorSlug,
  type Locale,
} from "../../supabase/functions/_shared/contracts/errors.ts";
export type {
  ConversationsInput,
  MessageSettingsInput,
  MessagesInput,
  SendMessageInput,
} from "../../supabase/functions/_shared/contracts/messages.ts";
export type {
  NotificationPreferenceInput,
  NotificationSettingsInput,
  NotificationsInput,
  PushSubscriptionInput,
} from "../../supabase/functions/_shared/contracts/notifications.ts";
export type {
  PictureBucket,
  PictureRef,
  PictureType,
  TaskImageUrlsInput,
} from "../../supabase/functions/_shared/contracts/pictures.ts";
export type {
  AddPlaceInput,
  OpeningHours,
  PlaceReviewsInput,
  PlacesInput,
  ReviewPlaceInput,
  Weekday,
} from "../../supabase/functions/_shared/contracts/places.ts";
export type { PointHistoryInput } from "../../supabase/functions/_shared/contracts/points.ts";
export type {
  GivenRatingsInput,
  RateTaskInput,
  RatingsInput,
} from "../../supabase/functions/_shared/contracts/ratings.ts";
export type {
  RecommendationsInput,
  SetPreferenceInput,
} from "../../supabase/functions/_shared/contracts/recommendations.ts";
export type {
  RedemptionsInput,
  RewardsInput,
} from "../../supabase/functions/_shared/contracts/redemptions.ts";
export type { SearchPlacesInput, SearchTasksInput } from "../../supabase/functions/_shared/contracts/search.ts";
export type {
  LeaderboardInput,
  MonthlyStatisticsInput,
} from "../../supabase/functions/_shared/contracts/statistics.ts";
export type {
  CreateTaskInput,
  JsonObject,
  JsonValue,
  MarkedTask,
  MarkedTasks,
  MyOffersInput,
  MyTasksInput,
  NearbyTasksInput,
  TaskMapInput,
  TaskRole,
  UpdateTaskInput,
} from "../../supabase/functions/_shared/contracts/tasks.ts";
export type {
  ContactRevealsInput,
  UpdateContactInput,
  UpdateProfileInput,
  UpdateSettingsInput,
} from "../../supabase/functions/_shared/contracts/users.ts";
export type {
  CodeSource,
  DiscountType,
  DistanceBand,
  Language,
  LapseKind,
  LeaderboardPeriod,
  LimitPeriod,
  NearbySort,
  NoShowDecision,
  NotificationChannel,
  NotificationDigest,
  NotificationTypeName,
  OfferStatus,
  PhoneSharing,
  PhoneStatus,
  PlaceCategory,
  PlaceSource,
  PointTransactionType,
  RedemptionEndReason,
  RedemptionStatus,
  RewardFunding,
  TaskEventAction,
  TaskStatus,
  TrustPartName,
} from "../../supabase/functions/_shared/contracts/words-and-limits.ts";
export { ApiError, type ApiErrorInit, apiErrorFrom } from "./api-error.ts";
export { authErrorText } from "./auth-errors.ts";
export { type Cell, type Coordinates, cellAround } from "./cells.ts";
export { type Bound, type BoundRooms, createNeighbourhoodClient, type NeighbourhoodClient } from "./client.ts";
export type { Database, Json, Tables } from "./database.types.ts";
export {
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
export { listNeighbourhoods } from "./neighbourhoods.ts";
export {
  countUnreadNotifications,
  deletePushSubscription,
  getNotificationSettings,
  getNotificationsPage,
  listNotificationAddresses,
  listNotificationPreferences,
  listNotificationTypes,
  markNotificationsRead,
  type PushSubscriptionJson,
  savePushSubscription,
  setNotificationPreference,
  updateNotificationSettings,
} from "./notifications.ts";
export { iterate, type Page } from "./paging.ts";
export { listPartners } from "./partners.ts";
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
  reviewPlace,
} from "./places.ts";
export { getPointAccount, getPointHistoryPage } from "./points.ts";
export {
  explainTrust,
  getGivenRatingsPage,
  getRatingsPage,
  listTaskRatings,
  rateTask,
} from "./ratings.ts";
export {
  getRecommendedPlacesPage,
  getRecommendedTasksPage,
  listPreferences,
  setPreference,
  suggestHelpers,
} from "./recommendations.ts";
export {
  getRedemption,
  getRedemptionsPage,
  type RedeemRewardInput,
  redeemReward,
  returnRedemption,
  type WaitOptions,
  waitForCode,
} from "./redemptions.ts";
export type { ClientOptions } from "./replica.ts";
export type { RequestOptions } from "./request.ts";
export { getReward, getRewardsPage } from "./rewards.ts";
export type {
  Category,
  ContactReveal,
  Conversation,
  FoundPlace,
  FoundTask,
  HelperCard,
  Lapse,
  LapseWithTask,
  LeaderboardEntry,
  Me,
  Message,
  MessageSettings,
  MonthlyStatistics,
  MyTask,
  NearbyTask,
  Neighbourhood,
  Notification,
  NotificationAddress,
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
  PointTransactionWithTask,
  Preference,
  Profile,
  Rating,
  RatingWithRater,
  RecommendedPlace,
  RecommendedTask,
  Redemption,
  RedemptionWithCode,
  Reliability,
  Reward,
  RewardWithPartner,
  SuggestedHelper,
  Task,
  TaskContact,
  TaskEvent,
  TaskLocation,
  TaskMarker,
  TaskOffer,
  TaskOfferWithHelper,
  TaskOfferWithTask,
  TaskRules,
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
  renewOffer,
  replaceHelper,
  startTask,
  type TaskChanges,
  updateTask,
  withdrawOffer,
} from "./tasks/commands.ts";
export { requestPhoneNumber, revealTaskContact, sharePhoneNumber } from "./tasks/contact.ts";
export { getTaskMap } from "./tasks/map.ts";
export { getMyOffersPage, getMyTasksPage } from "./tasks/mine.ts";
export { getNearbyTasksPage } from "./tasks/nearby.ts";
export {
  getTask,
  getTaskLocation,
  getTaskRules,
  listCategories,
  listTaskEvents,
  listTaskOffers,
} from "./tasks/reads.ts";
export {
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
export { getApiVersion } from "./version.ts";
export type { Watcher, WatchOptions } from "./watch.ts";
export { watchNotifications } from "./watch-notifications.ts";
