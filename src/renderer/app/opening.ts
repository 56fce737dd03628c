import { DisposableStore, toDisposable, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import type { GuestSnapshot } from "../../shared/contracts/inventory.ts";
import type { Layout } from "../../shared/contracts/layout.ts";
import type { Commands } from "../store/commands.ts";
import type { AppState } from "../store/state.ts";
import type { OwnWindow } from "./own-window.ts";
import { createTabId, type PageParts } from "./page-parts.ts";
import { openSlot, showActive } from "./tab-commands.ts";

/** A host that is far away needs time to tell of its guests; after this the wait for a name is given up. */
const OPEN_NAME_TIMEOUT_MS = 60_000;

export interface WantedTabs {
  readonly layout: Layout;
  /** Guests to open by name (`--open`). */
  readonly openNames: readonly string[];
}

/** Brings back the tabs of the last time, or shows this window's one console; then opens guests by name as they are found. */
export function openWanted(
  parts: PageParts,
  commands: Pick<Commands, "openGuest">,
  wanted: WantedTabs | OwnWindow,
): Disposable {
  const owned = new DisposableStore();
  owned.add(
    whenInventoryIsLoaded(parts, () => {
      if ("guestId" in wanted) {
        openOwn(parts, wanted);
        return;
      }
      restore(parts, wanted.layout);
      if (wanted.openNames.length > 0) owned.add(openByName(parts, commands, wanted.openNames));
    }),
  );
  return owned;
}

function whenInventoryIsLoaded({ store }: Pick<PageParts, "store">, act: () => void): Disposable {
  if (store.getState().isInventoryLoaded) {
    act();
    return toDisposable(() => undefined);
  }
  const waiting = toDisposable(
    store.subscribe((state) => {
      if (!state.isInventoryLoaded) return;
      waiting.dispose();
      act();
    }),
  );
  return waiting;
}

function restore(parts: PageParts, layout: Layout): void {
  const { store, actions } = parts;
  actions.restoreLayout(
    layout,
    layout.tabs.map(() => createTabId()),
  );
  // The shown one first: its picture is what is waited for.
  const { tabs, activeTabId } = store.getState();
  for (const tab of tabs.toSorted((one, other) => Number(other.id === activeTabId) - Number(one.id === activeTabId))) {
    openSlot(parts, tab);
  }
  showActive(parts, undefined);
}

function openOwn(parts: PageParts, { guestId, consoleId }: OwnWindow): void {
  const { store, actions } = parts;
  const guest = store.getState().guestById.get(guestId);
  const protocol = guest?.consoles.find((console) => console.id === consoleId)?.protocol ?? "vnc";
  actions.openTab({ id: createTabId(), guestId, consoleId, protocol, guestName: guest?.name ?? "A guest" });
  for (const tab of store.getState().tabs) openSlot(parts, tab);
  showActive(parts, undefined);
}

export function findByName(state: AppState, name: string): GuestSnapshot | undefined {
  const guests = [...state.guestById.values()];
  const lower = name.toLowerCase();
  return guests.find((guest) => guest.name === name) ?? guests.find((guest) => guest.name.toLowerCase() === lower);
}

/** Opens each of these guests as soon as it is found. */
function openByName(
  { store, speaker }: PageParts,
  commands: Pick<Commands, "openGuest">,
  names: readonly string[],
): Disposable {
  const owned = new DisposableStore();
  let missing = [...names];
  const openFound = (): void => {
    for (const name of [...missing]) {
      const guest = findByName(store.getState(), name);
      if (guest === undefined) continue;
      missing = missing.filter((each) => each !== name);
      commands.openGuest(guest.id);
    }
    if (missing.length === 0) owned.dispose();
  };
  owned.defer(
    store.subscribe((state, before) => {
      if (state.guestById !== before.guestById) openFound();
    }),
  );
  owned.add(
    after(OPEN_NAME_TIMEOUT_MS, () => {
      for (const name of missing) speaker.notify("error", `No guest is called “${name}”.`);
      owned.dispose();
    }),
  );
  openFound();
  return owned;
}
