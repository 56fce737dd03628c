import { Info, TriangleAlert, X } from "lucide-react";
import { actions, useAppStore } from "../../store/app-store.ts";
import { classNames } from "../../ui/class-names.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import "./notices.css";

/** Short messages that go away by themselves. The list is always in the page, so that a screen reader hears what comes in. */
export function Notices() {
  const notices = useAppStore((state) => state.notices);
  return (
    <ol className="notices" aria-live="polite" aria-label="Notices">
      {notices.map((notice) => (
        <li
          key={notice.id}
          className={classNames("notice", notice.tone === "error" && "notice-error")}
          role={notice.tone === "error" ? "alert" : undefined}
        >
          {notice.tone === "error" ? <TriangleAlert aria-hidden="true" /> : <Info aria-hidden="true" />}
          <span>{notice.text}</span>
          <IconButton
            label="Dismiss"
            size="small"
            tooltipSide="left"
            onClick={() => {
              actions.expireNotice(notice.id);
            }}
          >
            <X />
          </IconButton>
        </li>
      ))}
    </ol>
  );
}
