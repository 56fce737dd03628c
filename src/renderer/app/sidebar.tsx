import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { SIDEBAR_MAX_WIDTH_PX, SIDEBAR_MIN_WIDTH_PX } from "../store/actions/page.ts";
import { actions, useAppStore } from "../store/app-store.ts";

const KEY_STEP_PX = 16;

/** The column of guests; its edge can be dragged, or moved with the arrow keys. */
export function Sidebar({ children }: { readonly children: ReactNode }) {
  const widthPx = useAppStore((state) => state.sidebarWidthPx);
  const dragFrom = useRef<{ x: number; widthPx: number }>(undefined);

  const handlePointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    dragFrom.current = { x: event.clientX, widthPx };
  };
  const handlePointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const from = dragFrom.current;
    if (from !== undefined) actions.setSidebar({ widthPx: from.widthPx + event.clientX - from.x });
  };
  const endDrag = (): void => {
    dragFrom.current = undefined;
  };
  const handleKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const by = { ArrowLeft: -KEY_STEP_PX, ArrowRight: KEY_STEP_PX }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    actions.setSidebar({ widthPx: widthPx + by });
  };

  return (
    <aside className="page-sidebar" aria-label="Guests">
      {children}
      <div
        className="page-sidebar-edge"
        role="separator"
        aria-orientation="vertical"
        aria-label="Width of the list of guests"
        aria-valuenow={widthPx}
        aria-valuemin={SIDEBAR_MIN_WIDTH_PX}
        aria-valuemax={SIDEBAR_MAX_WIDTH_PX}
        tabIndex={0}
        onPointerDown={handlePointerDown}
        onPointerMove={handlePointerMove}
        onPointerUp={endDrag}
        onPointerCancel={endDrag}
        onKeyDown={handleKeyDown}
      />
    </aside>
  );
}
