// SPDX-License-Identifier: Apache-2.0
import { Part, Scroll, Section } from "../shared/parts.jsx";
import { columnsOf } from "./dictionary.js";

// `answer`: the API's own description.
export function Dictionary({ answer }) {
  return (
    <Section title="Dictionary" note="the columns of a measurement" id="dictionary">
      <Part answer={answer} what="the dictionary">
        {(openapi) => (
          <Scroll label="Dictionary">
            <table>
              <thead>
                <tr>
                  <th scope="col">Column</th>
                  <th scope="col">Type</th>
                  <th scope="col">Meaning</th>
                </tr>
              </thead>
              <tbody>
                {columnsOf(openapi).map(({ name, type, words, text }) => (
                  <tr key={name}>
                    <th scope="row">
                      <code>{name}</code>
                    </th>
                    <td>{type}</td>
                    <td>
                      {text} {words.length > 0 && <small>{words.join(", ")}</small>}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </Part>
    </Section>
  );
}
