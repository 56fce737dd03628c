import { Fragment } from "react";

/** Names and values to compare; the values are untrusted text. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, string])[] }) {
  return (
    <dl className="question-facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {/* A fingerprint breaks between its pairs. */}
            {value.split(/(?<=:)/).map((part, index) => (
              <Fragment key={index}>
                {part}
                <wbr />
              </Fragment>
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}
