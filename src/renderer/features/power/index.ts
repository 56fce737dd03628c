export { ConfirmPowerDialog, type AskedPowerAction } from "./confirm-power-dialog.tsx";
export { ChooseConsoleDialog } from "./choose-console-dialog.tsx";
