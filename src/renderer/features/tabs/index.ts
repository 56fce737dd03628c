export { TabStrip } from "./tab-strip.tsx";
