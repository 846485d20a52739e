// A server for tests: the real program, with a folder and a home of its own.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export const repository = path.resolve(import.meta.dirname, "../../../..");
const program = path.join(repository, "bin", "fanout");
const token = "a-token-that-the-tests-use";
const patience = 60_000; // ms, for a machine that has much else to do

export interface Server {
  readonly url: string;
  readonly token: string;
  /** The folder of the notebooks. */
  readonly root: string;
  /** Ends the server and starts one anew on the same port and folder. */
  restart(): Promise<void>;
  /** Ends the server as a crash does. */
  kill(): Promise<void>;
  /** Ends the server and removes its folders. */
  stop(): Promise<void>;
}

/** Starts a server with these files in its folder; a value that is no text is written as JSON. */
export async function startServer(files: Record<string, unknown> = {}): Promise<Server> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "fanout-e2e-"));
  const root = path.join(home, "notebooks");
  fs.mkdirSync(root);
  for (const [name, content] of Object.entries(files)) writeFile(path.join(root, name), content);
  let running: Running;
  try {
    running = await launch(home, root, 0);
  } catch (e) {
    fs.rmSync(home, { recursive: true, force: true });
    throw e;
  }
  const { port } = running;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    root,
    restart: async () => {
      await end(running.process, "SIGINT");
      running = await launch(home, root, port);
    },
    kill: () => end(running.process, "SIGKILL"),
    stop: async () => {
      await end(running.process, "SIGINT");
      fs.rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Writes a file of the folder as another program would: at once. */
export function writeFile(name: string, content: unknown): void {
  fs.mkdirSync(path.dirname(name), { recursive: true });
  fs.writeFileSync(name + ".new", typeof content === "string" ? content : JSON.stringify(content, null, 1) + "\n");
  fs.renameSync(name + ".new", name);
}

interface Running {
  process: ChildProcess;
  port: number;
}

let goEnv: Record<string, string> | undefined;

/** Where Go has what it built and downloaded: a home of its own would have it begin anew. */
function goFolders(): Record<string, string> {
  if (!goEnv) {
    try {
      goEnv = JSON.parse(execFileSync("go", ["env", "-json", "GOCACHE", "GOMODCACHE"], { encoding: "utf8" }));
    } catch {
      goEnv = {}; // without Go, cells run on the interpreted tier
    }
  }
  return goEnv!;
}

function launch(home: string, root: string, port: number): Promise<Running> {
  const child = spawn(program, ["notebook", "--no-browser", "--port", String(port), root], {
    cwd: root,
    detached: true, // a group of its own, which is ended as a whole
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      ...goFolders(),
      HOME: home,
      XDG_CACHE_HOME: path.join(home, "cache"),
      XDG_CONFIG_HOME: path.join(home, "config"),
      XDG_DATA_HOME: path.join(home, "data"),
      XDG_STATE_HOME: path.join(home, "state"),
      XDG_RUNTIME_DIR: path.join(home, "run"),
      FANOUT_TOKEN: token,
    },
  });
  alive.add(child);
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => void end(child, "SIGKILL").then(() => reject(new Error("the server did not start; it said:\n" + said))), patience);
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const at = /http:\/\/[^/\s]*:(\d+)\//.exec(said);
      if (!at) return;
      clearTimeout(late);
      resolve({ process: child, port: Number(at[1]) });
    });
    child.once("error", (e) => (clearTimeout(late), reject(new Error(`${program} cannot run (make build makes it): ${e.message}`))));
    child.once("exit", () => {
      clearTimeout(late);
      alive.delete(child);
      reject(new Error("the server ended; it said:\n" + said));
    });
  });
}

const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) killGroup(child);
});

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, "SIGKILL");
  } catch {
    // It has ended.
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((r) => child.once("exit", r));
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await exited;
    clearTimeout(late);
  }
  killGroup(child); // whatever it has left behind
}
