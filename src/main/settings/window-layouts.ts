import type { WindowId } from "../../shared/contracts/ids.ts";
import type { Layout, SavedTab } from "../../shared/contracts/layout.ts";
import type { DisposableStore } from "../../shared/lifecycle/disposable.ts";

/** As many as the layout's schema takes. */
const MAX_TABS = 500;
/** Windows that are remembered, gone ones included; the one that was heard of longest ago is forgotten first. */
const MAX_WINDOWS = 64;

interface Window {
  readonly layout: Layout;
  /** The link over which it was last heard of; undefined when that has ended. */
  readonly page: DisposableStore | undefined;
}

/**
 * The layout of a program with several windows. What is kept is the layout of the window that changed last, and after its tabs those
 * of all others: a tab is lost only when every window that had it has closed it.
 */
export class WindowLayouts {
  readonly #stored: () => Layout;
  readonly #save: (layout: Layout) => Promise<void>;
  readonly #byId = new Map<WindowId, Window>();

  constructor(options: { stored: () => Layout; save: (layout: Layout) => Promise<void> }) {
    this.#stored = options.stored;
    this.#save = options.save;
  }

  /** A window begins: with everything that is kept, also of windows that are gone. */
  load(windowId: WindowId, page: DisposableStore): Layout {
    const layout = this.#stored();
    for (const [id, { page: link }] of this.#byId) if (link === undefined) this.#byId.delete(id);
    this.#note(windowId, layout, page);
    return layout;
  }

  async save(windowId: WindowId, layout: Layout, page: DisposableStore): Promise<void> {
    this.#note(windowId, layout, page);
    const others = [...this.#byId].filter(([id]) => id !== windowId).map(([, window]) => window.layout);
    const missing = tabsBeside(
      layout.tabs,
      others.flatMap(({ tabs }) => tabs),
    );
    const preferredConsoles = Object.assign(
      {},
      ...others.map((other) => other.preferredConsoles),
    ) as Layout["preferredConsoles"];
    await this.#save({
      ...layout,
      tabs: [...layout.tabs, ...missing].slice(0, MAX_TABS),
      preferredConsoles: { ...preferredConsoles, ...layout.preferredConsoles },
    });
  }

  #note(windowId: WindowId, layout: Layout, page: DisposableStore): void {
    const isNewLink = this.#byId.get(windowId)?.page !== page;
    this.#byId.delete(windowId);
    this.#byId.set(windowId, { layout, page });
    if (isNewLink) page.defer(() => this.#leave(windowId, page));
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined && this.#byId.size > MAX_WINDOWS) this.#byId.delete(oldest);
  }

  /** Of a window that is gone only what no other shows is kept, so that a tab that is closed there does not come back from here. */
  #leave(windowId: WindowId, page: DisposableStore): void {
    const window = this.#byId.get(windowId);
    if (window?.page !== page) return;
    const shown = [...this.#byId.values()].filter((each) => each !== window && each.page !== undefined);
    const tabs = tabsBeside(
      shown.flatMap(({ layout }) => layout.tabs),
      window.layout.tabs,
    );
    this.#byId.set(windowId, { layout: { ...window.layout, tabs }, page: undefined });
  }
}

const keyOf = (tab: SavedTab): string => JSON.stringify([tab.guestId, tab.consoleId, tab.screenIndex ?? 0]);

/** Those of `others` that are not among `tabs`, each once. */
function tabsBeside(tabs: readonly SavedTab[], others: readonly SavedTab[]): SavedTab[] {
  const known = new Set(tabs.map(keyOf));
  return others.filter((tab) => {
    const isNew = !known.has(keyOf(tab));
    known.add(keyOf(tab));
    return isNew;
  });
}
