import { asAppError } from "../shared/errors/app-error.ts";
import { drop } from "../shared/lifecycle/drop.ts";
import { parseOwnWindow } from "./app/own-window.ts";
import { showLoginFailure } from "./app/login-failure.ts";
import { startPage } from "./app/start-page.tsx";
import { createHostApi } from "./host-client/gateway-host-api.ts";
import { logIn } from "./host-client/gateway-login.ts";

async function start(root: HTMLElement): Promise<void> {
  // Read before the login, which takes the fragment out of the address.
  const ownWindow = parseOwnWindow(location.hash);
  try {
    await logIn(window);
  } catch (error) {
    showLoginFailure(root, asAppError(error));
    return;
  }
  const origin = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}`;
  startPage({ root, api: createHostApi({ origin }), ownWindow });
}

const root = document.getElementById("root");
if (root !== null) drop(start(root));
