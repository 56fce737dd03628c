export { ChooseConsoleDialog } from "./choose-console-dialog.tsx";
export { ConfirmPowerDialog } from "./confirm-power-dialog.tsx";
export { ConsolePane } from "./console-pane.tsx";
export { ConsoleToolbar } from "./console-toolbar.tsx";
export { StatusLine } from "./status-line.tsx";
