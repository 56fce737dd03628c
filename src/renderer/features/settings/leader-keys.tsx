import { useState } from "react";
import { Plus, X } from "lucide-react";
import { LeaderKey } from "../../../shared/contracts/settings.ts";
import { Button } from "../../ui/button.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { keyLabel } from "../../ui/key-label.ts";

/** As HotkeySettings allows. */
const MAX_LEADER_KEYS = 4;

const CAN_BE =
  "Those that make no character can: Ctrl, Alt, Shift or Super of either side, Scroll Lock, Pause, Caps Lock, Num Lock, Menu, F13 to F24.";

export interface LeaderKeysProps {
  readonly keys: readonly string[];
  readonly onChange: (keys: string[]) => void;
}

/** The leader keys as key caps; a new one is taken from the keyboard itself. */
export function LeaderKeys({ keys, onChange }: LeaderKeysProps) {
  const [isListening, setListening] = useState(false);
  const [told, setTold] = useState("");

  const take = (code: string): void => {
    setListening(false);
    if (!LeaderKey.safeParse(code).success) {
      setTold(`${code === "" ? "That key" : keyLabel(code)} cannot be a leader key: it is needed in guests. ${CAN_BE}`);
    } else if (keys.includes(code)) setTold(`${keyLabel(code)} is there already.`);
    else {
      setTold(`${keyLabel(code)} was added.`);
      onChange([...keys, code]);
    }
  };

  return (
    <div className="ui-field">
      <span className="ui-field-label" id="settings-leader-keys">
        Leader keys, tapped twice
      </span>
      <ul className="settings-keys" aria-labelledby="settings-leader-keys">
        {keys.map((code) => (
          <li key={code}>
            {keyLabel(code)}
            {keys.length > 1 && (
              <IconButton
                label={`Remove ${keyLabel(code)}`}
                size="small"
                onClick={() => {
                  onChange(keys.filter((each) => each !== code));
                }}
              >
                <X />
              </IconButton>
            )}
          </li>
        ))}
        {keys.length < MAX_LEADER_KEYS && (
          <li className="settings-key-add">
            <Button
              variant={isListening ? "plain" : "quiet"}
              aria-pressed={isListening}
              onClick={() => {
                setTold("");
                setListening(!isListening);
              }}
              onBlur={() => {
                setListening(false);
              }}
              onKeyDown={(event) => {
                if (!isListening) return;
                event.preventDefault();
                event.stopPropagation();
                if (event.code === "Escape") setListening(false);
                else take(event.code);
              }}
            >
              {isListening ? (
                "Press the key; Esc stops"
              ) : (
                <>
                  <Plus /> Add a key
                </>
              )}
            </Button>
          </li>
        )}
      </ul>
      <p className="ui-field-hint" role="status">
        {told}
      </p>
    </div>
  );
}
