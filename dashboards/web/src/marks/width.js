// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect, useState } from "preact/hooks";

// How wide the box of `ref` is, in px, so that pictures are drawn 1:1 and their
// text keeps its size.
export function useWidth(ref, first = 320) {
  const [width, setWidth] = useState(first);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.floor(ref.current.clientWidth) || first);
    const observer = new ResizeObserver(measure);
    measure();
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return width;
}
