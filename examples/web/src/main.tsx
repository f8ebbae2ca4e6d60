import "./app/without-eval.ts";
import { createRoot } from "react-dom/client";
import { App, prepareApp } from "./app/app.tsx";
import { connect } from "./app/connection.ts";
import { Problem } from "./components/states.tsx";
import { LanguageProvider, loadTexts } from "./texts/language.tsx";
import "./styles.css";
import "./components.css";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has no element #app");
const screen = createRoot(root);
try {
  const [parts] = await Promise.all([connect().then(prepareApp), loadTexts()]);
  screen.render(<App {...parts} />);
} catch (error) {
  // no network at the first visit, or a server that hands out no config.json
  screen.render(
    <LanguageProvider>
      <main className="screen">
        <Problem error={error} onRetry={() => location.reload()} />
      </main>
    </LanguageProvider>,
  );
}
