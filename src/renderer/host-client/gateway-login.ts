import { AppError } from "../../shared/errors/app-error.ts";
import { GATEWAY_PATHS } from "../../shared/contracts/api.ts";

/** A start token is 256 bits in base64url; anything else in the fragment is not for us. */
const TOKEN_PATTERN = /^#([A-Za-z0-9_-]{43})$/;

/**
 * Trades the start token in the address's fragment for the session cookie and takes it out of the address and the history.
 * Without a token (a reload, a window of our own) the cookie is already there. Rejects with LOGIN_REFUSED for a wrong token.
 */
export async function logIn(page: { location: Location; history: History; fetch: typeof fetch }): Promise<void> {
  const token = TOKEN_PATTERN.exec(page.location.hash)?.[1];
  if (token === undefined) return;
  page.history.replaceState(null, "", page.location.pathname);
  const response = await page.fetch(GATEWAY_PATHS.session, { method: "POST", body: token, credentials: "same-origin" });
  if (!response.ok) throw new AppError("LOGIN_REFUSED", "gateway refused the token", { address: "Switchyard" });
}
