export default {
  title: "Inbox",
  none: "Nothing yet. You are told here when something happens with your tasks.",
  mark_all: "Mark all as read",
  unread: "New:",
  settings: "What you are told",
};
