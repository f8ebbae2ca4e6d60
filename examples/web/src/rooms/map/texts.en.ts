export default {
  home_title: "Tasks nearby",
};
