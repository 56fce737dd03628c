export { ConsolePane } from "./console-pane.tsx";
export { ConsoleToolbar } from "./console-toolbar.tsx";
export { StatusLine } from "./status-line.tsx";
