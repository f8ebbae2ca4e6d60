export default {
  leaderboard: "Leaderboard",
  period_of: "Period",
  period: { week: "This week", month: "This month", year: "This year", all: "Ever" },
  nobody: "Nobody has earned points here yet. Be the first!",
  how: "Counted are points earned by helping, a minute after they arrive. Only people who agreed are listed.",
  rank: "{rank, number}.",
  you: "{name} (you)",
  helped: "helped {count, plural, one {once} other {# times}}",
  points: "{points, plural, one {# point} other {# points}}",
  hidden: "Only you see your place here. Would you like others to see it, too?",
  show_me: "Show me",
};
