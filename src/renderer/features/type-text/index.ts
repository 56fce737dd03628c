export { TypeTextDialog, type TypeTextDialogProps } from "./type-text-dialog.tsx";
