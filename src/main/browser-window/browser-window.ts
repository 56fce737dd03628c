import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { AppError } from "../../shared/errors/app-error.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";

/** The browser must show its window and answer in this time. */
const START_TIMEOUT_MS = 30_000;

/** A single DevTools message of the few calls made here. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** A page of ours without content or secret: where the app window starts, so that it belongs to the gateway's origin. */
const START_PAGE = "starting.html";

export interface BrowserWindowOptions {
  readonly binary: string;
  /** The gateway's address with the start token. It goes to the browser through a pipe, never onto its command line. */
  readonly address: string;
  /** For tests; START_TIMEOUT_MS by default. */
  readonly startTimeoutMs?: number;
  /** A profile of our own, so that no extension, account or window of the user's browser is touched. */
  readonly profileFolder: string;
  readonly isKiosk: boolean;
  readonly isRoot: boolean;
}

/** A browser's app window on the page. */
export interface BrowserWindow extends Disposable {
  /** Resolves when the user closed it. */
  readonly closed: Promise<void>;
}

/**
 * Opens an installed browser in app mode. The process list shows only an address without token: the token is given to the
 * page through the browser's DevTools pipe (file descriptors 3 and 4, which no other process can reach).
 */
export async function openBrowserWindow(options: BrowserWindowOptions): Promise<BrowserWindow> {
  const { origin } = new URL(options.address);
  const browser = spawn(
    options.binary,
    [
      `--app=${origin}/${START_PAGE}`,
      `--user-data-dir=${options.profileFolder}`,
      "--remote-debugging-pipe",
      "--no-first-run",
      "--no-default-browser-check",
      "--disable-sync",
      "--disable-background-networking",
      "--disable-component-update",
      "--class=switchyard",
      ...(options.isKiosk ? ["--kiosk"] : []),
      // Chromium refuses its sandbox as root; people do run a hypervisor's console as root.
      ...(options.isRoot ? ["--no-sandbox", "--test-type"] : []),
    ],
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
  );
  const owned = new DisposableStore();
  owned.defer(() => browser.kill());
  const closed = new Promise<void>((resolve) => {
    browser.once("exit", () => {
      resolve();
    });
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void => {
        reject(new AppError("UNSUPPORTED", "browser window failed", { what: "The app window", reason }));
      };
      owned.add(
        after(options.startTimeoutMs ?? START_TIMEOUT_MS, () => {
          fail("the browser did not start in time");
        }),
      );
      browser.once("error", (error) => {
        fail(error.message);
      });
      browser.once("exit", (code) => {
        fail(`the browser ended at once (exit code ${String(code)})`);
      });
      const pipe = new DevToolsPipe(browser.stdio[3] as Writable, browser.stdio[4] as Readable);
      navigate(pipe, options.address, origin).then(resolve, (error: unknown) => {
        fail((error as Error).message);
      });
    });
  } catch (error) {
    owned.dispose();
    throw error;
  }
  return {
    closed,
    dispose() {
      owned.dispose();
    },
  };
}

interface Target {
  readonly targetId: string;
  readonly type: string;
  readonly url: string;
}

async function navigate(pipe: DevToolsPipe, address: string, origin: string): Promise<void> {
  const target = await new Promise<Target>((resolve, reject) => {
    pipe.onEvent = (method, params) => {
      const { targetInfo } = (params ?? {}) as { targetInfo?: Target };
      if (!method.startsWith("Target.target") || targetInfo === undefined) return;
      if (targetInfo.type === "page" && targetInfo.url.startsWith(origin)) resolve(targetInfo);
    };
    pipe.call("Target.setDiscoverTargets", { discover: true }).catch(reject);
  });
  const { sessionId } = (await pipe.call("Target.attachToTarget", { targetId: target.targetId, flatten: true })) as {
    sessionId: string;
  };
  await pipe.call("Page.navigate", { url: address }, sessionId);
  // The page is there; whether the browser still answers this, or is closed by now, changes nothing.
  pipe.call("Target.detachFromTarget", { sessionId }).catch(() => undefined);
}

/** Chrome DevTools Protocol over a pipe: JSON messages, each ended by a zero byte. */
class DevToolsPipe {
  readonly #toBrowser: Writable;
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  #lastId = 0;
  #inbox = "";
  #isSkipping = false;
  onEvent: (method: string, params: unknown) => void = () => undefined;

  constructor(toBrowser: Writable, fromBrowser: Readable) {
    this.#toBrowser = toBrowser;
    toBrowser.on("error", () => undefined);
    fromBrowser.on("error", () => undefined);
    fromBrowser.setEncoding("utf8");
    fromBrowser.on("data", (text: string) => {
      this.#receive(text);
    });
  }

  call(method: string, params: object, sessionId?: string): Promise<unknown> {
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#toBrowser.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  #receive(text: string): void {
    this.#inbox += text;
    for (let end = this.#inbox.indexOf("\0"); end >= 0; end = this.#inbox.indexOf("\0")) {
      const message = this.#inbox.slice(0, end);
      this.#inbox = this.#inbox.slice(end + 1);
      if (!this.#isSkipping) this.#handle(message);
      this.#isSkipping = false;
    }
    // What is longer is not for us; drop it up to its end.
    if (this.#inbox.length <= MAX_MESSAGE_BYTES) return;
    this.#inbox = "";
    this.#isSkipping = true;
  }

  #handle(text: string): void {
    const message = parseDevToolsMessage(text);
    if (message === undefined) return;
    if (message.id === undefined) {
      this.onEvent(message.method ?? "", message.params);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.result);
    else waiting?.reject(new Error(message.error.message));
  }
}

interface DevToolsMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Undefined for what is no message: a browser that says such a thing never answers, and the start's time limit tells. */
function parseDevToolsMessage(text: string): DevToolsMessage | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
