export { SwitchDisplay } from "./switch-display.tsx";
