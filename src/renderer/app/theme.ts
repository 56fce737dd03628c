import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import type { PageParts } from "./page-parts.ts";

/** Keeps the class on <html> in line with the setting and, for "system", with the system. */
export function followTheme({ store }: Pick<PageParts, "store">): Disposable {
  const owned = new DisposableStore();
  const prefersLight = window.matchMedia("(prefers-color-scheme: light)");
  const apply = (): void => {
    const { theme } = store.getState().settings;
    const isLight = theme === "light" || (theme === "system" && prefersLight.matches);
    document.documentElement.classList.toggle("light", isLight);
    document.documentElement.classList.toggle("dark", !isLight);
  };
  apply();
  owned.defer(
    store.subscribe((state, before) => {
      if (state.settings.theme !== before.settings.theme) apply();
    }),
  );
  prefersLight.addEventListener("change", apply);
  owned.defer(() => {
    prefersLight.removeEventListener("change", apply);
  });
  return owned;
}
