export { AddressBookDialog, type AddressBookDialogProps } from "./address-book-dialog.tsx";
