// The typed client with what checks its inputs: loaded for members, whom the sign-in screen need not wait for.
export { createNeighbourhoodClient } from "@neighbourhood-help/client";
