import { ChevronDown, PanelLeft } from "lucide-react";
import { actions, useAppStore } from "../store/app-store.ts";
import { IconButton } from "../ui/icon-button.tsx";
import { Menu } from "../ui/menu.tsx";

/** Two tracks and the switch between them. */
export function Logo() {
  return (
    <svg className="page-logo" viewBox="0 0 18 18" aria-hidden="true">
      <path className="page-logo-switch" d="M2 14h4c5 0 5-10 10-10" />
      <path className="page-logo-track" d="M2 4h3M13 14h3" />
    </svg>
  );
}

/** The corner of the page: what concerns all of it. */
export function Brand() {
  const isSidebarOpen = useAppStore((state) => state.isSidebarOpen);
  return (
    <div className="page-brand">
      <Menu
        entries={[
          {
            kind: "act",
            label: "Go to a guest…",
            shortcut: "Ctrl K",
            onSelect: () => {
              actions.setOverlay({ kind: "palette" });
            },
          },
          { kind: "separator" },
          {
            kind: "act",
            label: "Add a host…",
            onSelect: () => {
              actions.setOverlay({ kind: "add-host" });
            },
          },
          {
            kind: "act",
            label: "Address book…",
            onSelect: () => {
              actions.setOverlay({ kind: "address-book" });
            },
          },
          { kind: "separator" },
          {
            kind: "act",
            label: "Settings…",
            shortcut: "Ctrl ,",
            onSelect: () => {
              actions.setOverlay({ kind: "settings" });
            },
          },
          {
            kind: "act",
            label: "Keys and hotkeys",
            onSelect: () => {
              actions.setOverlay({ kind: "help" });
            },
          },
        ]}
        trigger={
          <button type="button" className="page-brand-button" aria-label="Switchyard menu">
            <Logo />
            <span className="page-brand-name">Switchyard</span>
            <ChevronDown className="page-brand-more" aria-hidden="true" />
          </button>
        }
      />
      <IconButton
        label={isSidebarOpen ? "Fold the list of guests away" : "Show the list of guests"}
        aria-expanded={isSidebarOpen}
        onClick={() => {
          actions.setSidebar({ isOpen: !isSidebarOpen });
        }}
      >
        <PanelLeft />
      </IconButton>
    </div>
  );
}
