export { AddHostDialog, type AddHostDialogProps } from "./add-host-dialog.tsx";
