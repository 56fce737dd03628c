import type { ReactNode } from "react";
import { Tabs as Primitive } from "radix-ui";
import "./tabs.css";

export interface TabPage {
  readonly id: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly content: ReactNode;
}

export interface TabsProps {
  readonly label: string;
  readonly pages: readonly TabPage[];
  readonly initialPageId?: string;
}

/** Pages behind a list of names at the left, as in settings. Not for consoles. */
export function Tabs({ label, pages, initialPageId }: TabsProps) {
  const first = initialPageId ?? pages[0]?.id ?? "";
  return (
    <Primitive.Root className="ui-tabs" defaultValue={first} orientation="vertical">
      <Primitive.List className="ui-tabs-list" aria-label={label}>
        {pages.map((page) => (
          <Primitive.Trigger className="ui-tabs-name" key={page.id} value={page.id}>
            {page.icon}
            {page.label}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {pages.map((page) => (
        <Primitive.Content className="ui-tabs-page" key={page.id} value={page.id}>
          {page.content}
        </Primitive.Content>
      ))}
    </Primitive.Root>
  );
}
