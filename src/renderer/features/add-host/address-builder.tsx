import type { AddressKind, AddressParts } from "./host-address.ts";
import { ADDRESS_KINDS } from "./host-address.ts";
import { Select } from "../../ui/select.tsx";
import { TextField } from "../../ui/text-field.tsx";

const BY_HAND = "by-hand";

export interface AddressBuilderProps {
  readonly kind: AddressKind | undefined;
  readonly parts: AddressParts;
  readonly onChange: (kind: AddressKind | undefined, parts: AddressParts) => void;
}

/** Puts the address together for those who do not know its form. */
export function AddressBuilder({ kind, parts, onChange }: AddressBuilderProps) {
  const field = (name: keyof AddressParts, label: string, placeholder: string) =>
    kind?.needs.includes(name) === true && (
      <TextField
        label={label}
        placeholder={placeholder}
        value={parts[name]}
        className={`add-host-${name}`}
        autoCapitalize="none"
        onChange={(event) => {
          onChange(kind, { ...parts, [name]: event.target.value });
        }}
      />
    );

  return (
    <div className="add-host-builder">
      <Select
        label="What is it?"
        value={kind?.id ?? BY_HAND}
        options={[
          { value: BY_HAND, label: "I know its address" },
          ...ADDRESS_KINDS.map(({ id, label }) => ({ value: id, label })),
        ]}
        onChange={(id) => {
          onChange(
            ADDRESS_KINDS.find((each) => each.id === id),
            parts,
          );
        }}
      />
      {kind !== undefined && kind.needs.length > 0 && (
        <div className="add-host-parts">
          {field("user", "User", "root")}
          {field("host", "Host", "name or IP address")}
          {field("port", "Port", kind.usualPort ?? "port")}
          {field("path", "Socket path", kind.examplePath ?? "/path")}
        </div>
      )}
    </div>
  );
}
