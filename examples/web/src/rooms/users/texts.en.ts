export default {
  welcome_title: "Neighbours help each other",
  email: "E-mail address",
  password: "Password",
  sign_in: "Sign in",
  no_ratings: "No ratings yet",
  rating: "{average, number, ::.0} of 5 ({count, plural, one {# rating} other {# ratings}})",
};
