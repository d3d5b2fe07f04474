// SPDX-License-Identifier: Apache-2.0
import { Heading } from "../shared/parts.jsx";

export function Nowhere({ path }) {
  return (
    <>
      <Heading title="There is no such page" />
      <p>
        Nothing is at <code>{path}</code>. The <a href="/networks">networks</a>{" "}
        can be searched by AS number, name and country.
      </p>
    </>
  );
}
