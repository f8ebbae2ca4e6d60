import "./app/without-eval.ts";
import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";
import { connect } from "./app/connection.ts";
import "./styles.css";
import "./components.css";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element #app");
const connection = await connect();
createRoot(root).render(<App connection={connection} />);
