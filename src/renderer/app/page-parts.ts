import { asAppError, isCancelled, AppError } from "../../shared/errors/app-error.ts";
import { readableError } from "../../shared/errors/error-text.ts";
import type { ErrorReport } from "../../shared/contracts/error-report.ts";
import { TabId } from "../../shared/contracts/ids.ts";
import { DisposableStore, type Disposable } from "../../shared/lifecycle/disposable.ts";
import { after } from "../../shared/lifecycle/timer.ts";
import type { HostApi } from "../host-client/host-api.ts";
import type { ConsoleSlot } from "../sessions/console-slot.ts";
import type { OwnedSlotRegistry } from "../sessions/slot-registry.ts";
import { type Actions, type AppStore } from "../store/app-store.ts";
import type { Tab } from "../store/state.ts";
import type { Views } from "../store/views.ts";
import type { ConsoleStage } from "./console-stage.ts";

/** What the parts of the page's composition share. */
export interface PageParts {
  readonly api: HostApi;
  readonly store: AppStore;
  readonly actions: Actions;
  readonly views: Views;
  readonly slots: OwnedSlotRegistry;
  readonly stage: ConsoleStage;
  readonly speaker: Speaker;
}

/** Long enough to read a line, an error longer than a remark. */
const INFO_NOTICE_MS = 4_000;
const ERROR_NOTICE_MS = 10_000;

/** Tells the user something in passing. */
export interface Speaker extends Disposable {
  readonly notify: (tone: "info" | "error", text: string) => void;
  /** An expected error as a notice, a cancellation not at all, anything else as the bug it is. */
  readonly tell: (error: unknown) => void;
}

export function readableText(error: Pick<ErrorReport, "code" | "detail">): string {
  const { text, act } = readableError(error);
  return act === undefined ? text : `${text} ${act}`;
}

export function createSpeaker(actions: Actions, reportBug: (error: unknown) => void): Speaker {
  const owned = new DisposableStore();
  let lastNoticeId = 0;
  const notify = (tone: "info" | "error", text: string): void => {
    const id = (lastNoticeId += 1);
    actions.addNotice({ id, tone, text });
    const timer = owned.add(
      after(tone === "error" ? ERROR_NOTICE_MS : INFO_NOTICE_MS, () => {
        owned.delete(timer);
        actions.expireNotice(id);
      }),
    );
  };
  return {
    notify,
    tell: (error) => {
      if (isCancelled(error)) return;
      if (!(error instanceof AppError)) reportBug(error);
      notify("error", readableText(asAppError(error)));
    },
    dispose: () => {
      owned.dispose();
    },
  };
}

export function createTabId(): TabId {
  return TabId.parse(`tab-${crypto.randomUUID()}`);
}

export function activeTab({ store }: Pick<PageParts, "store">): Tab | undefined {
  const { tabs, activeTabId } = store.getState();
  return tabs.find((tab) => tab.id === activeTabId);
}

export function activeSlot(parts: Pick<PageParts, "store" | "slots">): ConsoleSlot | undefined {
  const { activeTabId } = parts.store.getState();
  return activeTabId === undefined ? undefined : parts.slots.get(activeTabId);
}
