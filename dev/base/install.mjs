// Installs the packages of a folder. Plain JavaScript, because dev/bootstrap.mjs does it before there is any package, on Node 20.
import { spawn } from "node:child_process";

/**
 * Runs `npm ci` and says every ten seconds that it still does.
 *
 * @param {string} folder
 * @returns {Promise<void>}
 * @throws Error of one line.
 */
export function installPackages(folder) {
  const started = Date.now();
  const npmCli = process.env.npm_execpath;
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  // Under "npm start" npm says where it lies; called by hand it is looked up on the PATH.
  const [program, programArgs] = npmCli?.endsWith(".js") ? [process.execPath, [npmCli, ...args]] : ["npm", args];
  const npm = spawn(program, programArgs, {
    cwd: folder,
    stdio: ["ignore", "inherit", "pipe"],
    shell: process.platform === "win32" && program === "npm",
  });
  const tick = setInterval(() => {
    console.log(`  … still installing (${Math.round((Date.now() - started) / 1000)} s)`);
  }, 10_000);
  let errors = "";
  npm.stderr.setEncoding("utf8").on("data", (text) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    npm.once("error", (error) => finish(new Error(`npm could not be started: ${error.message}`)));
    npm.once("close", (code) => finish(code === 0 ? undefined : new Error(explainNpm(errors, code))));
    /** @param {Error} [error] */
    function finish(error) {
      clearInterval(tick);
      if (error) reject(error);
      else resolve();
    }
  });
}

/**
 * @param {string} errors
 * @param {number | null} code
 */
function explainNpm(errors, code) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network/i.test(errors)) {
    return "the packages cannot be downloaded: npm does not reach its registry; check the network and try again";
  }
  const lines = errors.split("\n").map((line) => line.replace(/^npm (error|ERR!)\s*/, "").trim());
  const reason = lines.find((line) => line !== "" && !line.startsWith("code ")) ?? `exit code ${code}`;
  return `npm ci failed: ${reason}`;
}
