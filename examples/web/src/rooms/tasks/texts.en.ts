import form from "./form-texts.en.ts";
import mine from "./mine/texts.en.ts";
import page from "./page/texts.en.ts";

export default {
  form,
  mine,
  page,
  points: "{points, plural, one {# point} other {# points}}",
  status: {
    open: "Open",
    assigned: "Assigned",
    in_progress: "Under way",
    pending_confirmation: "Waiting for confirmation",
    completed: "Completed",
    cancelled: "Cancelled",
    expired: "Expired",
    archived: "Archived",
  },
};
