import type { AppError } from "../../shared/errors/app-error.ts";
import { readableError } from "../../shared/errors/error-text.ts";
import "../ui/tokens.css";
import "../ui/base.css";
import "./page.css";

/** All that can be said when the host process does not let this page in. */
export function showLoginFailure(root: HTMLElement, error: AppError): void {
  const box = document.createElement("div");
  box.className = "page-failed page-login-failed";
  box.setAttribute("role", "alert");
  const title = document.createElement("h1");
  title.textContent = "Switchyard does not know this page";
  const text = document.createElement("p");
  text.textContent =
    error.code === "LOGIN_REFUSED"
      ? "The address was made for an earlier start. Use the one that Switchyard printed last, or start it again."
      : readableError(error).text;
  box.append(title, text);
  root.replaceChildren(box);
}
