/** As in Expo. */
export { randomUUID } from "node:crypto";
