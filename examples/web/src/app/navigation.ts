/** Where the navigation leads: at most five places, so that they fit 320 pixels. Icons are paths on a field of 24 by 24. */
export const NAVIGATION = [
  { to: "/", text: "nearby", icon: "M12 3 3 10.5V21h6v-6h6v6h6V10.5z" },
  { to: "/my-tasks", text: "my_tasks", icon: "M4 6h2m4 0h10M4 12h2m4 0h10M4 18h2m4 0h10" },
  { to: "/notifications", text: "inbox", icon: "M3 13h5l1.500 3h5L16 13h5M3 13 6 5h12l3 8v6H3z" },
  {
    to: "/rewards",
    text: "rewards",
    icon: "M4 10h16v11H4zM3 6h18v4H3zM12 6v15M12 6C8 6 7 2 9.500 2S12 6 12 6s0-4 2.500-4S16 6 12 6",
  },
  { to: "/profile", text: "me", icon: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 4-6 8-6s8 2 8 6" },
] as const;
