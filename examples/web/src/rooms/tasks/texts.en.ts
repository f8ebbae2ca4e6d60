import form from "./form-texts.en.ts";

export default {
  form,
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
