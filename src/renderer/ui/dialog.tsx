import { useId, useState, type ReactNode, type RefObject } from "react";
import { Dialog as Primitive } from "radix-ui";
import { X } from "lucide-react";
import { classNames } from "./class-names.ts";
import { IconButton } from "./icon-button.tsx";
import "./dialog.css";

export interface DialogProps {
  readonly title: string;
  /** One sentence under the title; read out when the dialog opens. */
  readonly description?: ReactNode;
  readonly children?: ReactNode;
  /** Buttons, the one that is meant last. */
  readonly footer?: ReactNode;
  readonly width?: "small" | "medium" | "large";
  /** "alertdialog" asks before something is lost: a click beside it does not close it. */
  readonly role?: "dialog" | "alertdialog";
  /** Gets the focus first; else the first control does. */
  readonly initialFocus?: RefObject<HTMLElement | null>;
  /** With it the content is a form, Enter submits it, and a click beside it does not lose what was typed. */
  readonly onSubmit?: () => void;
  /** Overrides the rule above. */
  readonly closesOnClickBeside?: boolean;
  /** Escape, the close button, a click beside it. */
  readonly onClose: () => void;
  readonly className?: string;
}

/** A modal dialog, shown as long as it is mounted. Focus goes back to where it was. */
export function Dialog({
  title,
  description,
  children,
  footer,
  width = "medium",
  role = "dialog",
  initialFocus,
  onSubmit,
  closesOnClickBeside = onSubmit === undefined && role === "dialog",
  onClose,
  className,
}: DialogProps) {
  const [previousFocus] = useState(() => document.activeElement);
  const descriptionId = useId();
  const content = (
    <>
      <div className="ui-dialog-body">{children}</div>
      {footer !== undefined && <footer className="ui-dialog-footer">{footer}</footer>}
    </>
  );

  return (
    <Primitive.Root
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Primitive.Portal>
        {/* Not Primitive.Overlay: that one writes a <style> element, which the page's CSP need not allow; the page never scrolls. */}
        <div className="ui-dialog-shade" />
        <Primitive.Content
          className={classNames("ui-dialog", `ui-dialog-${width}`, className)}
          role={role}
          aria-describedby={description === undefined ? undefined : descriptionId}
          onOpenAutoFocus={(event) => {
            const first = initialFocus?.current;
            if (first === undefined || first === null) return;
            event.preventDefault();
            first.focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (previousFocus instanceof HTMLElement && previousFocus.isConnected) previousFocus.focus();
          }}
          onPointerDownOutside={(event) => {
            if (!closesOnClickBeside) event.preventDefault();
          }}
        >
          <header className="ui-dialog-header">
            <Primitive.Title className="ui-dialog-title">{title}</Primitive.Title>
            {description !== undefined && (
              <p className="ui-dialog-description" id={descriptionId}>
                {description}
              </p>
            )}
          </header>
          {onSubmit === undefined ? (
            content
          ) : (
            <form
              className="ui-dialog-form"
              noValidate
              onSubmit={(event) => {
                event.preventDefault();
                event.stopPropagation();
                onSubmit();
              }}
            >
              {content}
            </form>
          )}
          {/* Last in the tab order, so that the content's first control gets the focus. */}
          <IconButton className="ui-dialog-close" label="Close" onClick={onClose}>
            <X />
          </IconButton>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
