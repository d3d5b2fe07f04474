// SPDX-License-Identifier: Apache-2.0
// The rows of the list: of a fleet of usual size all networks, asked for once
// and narrowed here; of a large one what the filter leaves, asked for anew.
import { useEffect, useMemo, useState } from "preact/hooks";
import { useAnswer } from "../shared/api.js";
import { ALL, countLink, isLarge, listLink, rowsOfColumns, rowsOfList } from "./rows.js";

const TYPED_MS = 250; // a filter is asked for when typing rests

// { answer, rows, large }; `large` is null or { total, next }: rows are the
// part of all that the collector chose, and there are more behind `next`.
export function useNetworks(filter, cursor) {
  const size = useAnswer(countLink(filter));
  const isBig = isLarge(size.data?.total);
  const wanted = useRested(isBig ? listLink(filter, cursor) : null);
  const all = useAnswer(size.data && !isBig ? ALL : null);
  const part = useAnswer(wanted);
  const answer = !size.data ? size : isBig ? { ...part, loading: !part.data && !part.problem } : all;
  const rows = useMemo(
    () =>
      !answer.data || answer === size ? []
      : isBig ? rowsOfList(answer.data, filter)
      : rowsOfColumns(answer.data),
    [answer.data, isBig],
  );
  const large = isBig && part.data ? { total: part.data.total, next: part.data.next } : null;
  return { answer, rows, large };
}

function useRested(value) {
  const [rested, rest] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => rest(value), rested === null ? 0 : TYPED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return value === null ? null : rested;
}
