// SPDX-License-Identifier: Apache-2.0
import { useRef } from "preact/hooks";
import { useWidth } from "../marks/width.js";
import { Scroll } from "../shared/parts.jsx";
import { portRole, stageText } from "../shared/words.js";
import { failedText, lastEnd, stagesOf, ticksOf } from "./stages.js";

const ROW = 36;
const BAR = 22;

export function StageTimeline({ probes }) {
  const box = useRef();
  const width = useWidth(box);
  const isWide = width >= 560;
  const left = isWide ? 140 : 44;
  const end = lastEnd(probes) * 1.06;
  const x = (ms) => left + (ms / end) * (width - left - 16);
  const height = probes.length * ROW + 24;
  return (
    <div ref={box}>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label="Stages of each port in milliseconds; the table below has the figures"
      >
        {ticksOf(end, isWide ? 6 : 4).map((ms) => (
          <g key={ms}>
            <path d={`M${x(ms)} 0V${height - 20}`} class="grid" />
            <text x={x(ms)} y={height - 6} class="axis middle">
              {ms}
            </text>
          </g>
        ))}
        {probes.map((probe, i) => (
          <g key={probe.port}>
            <text x="0" y={i * ROW + 17}>
              <tspan class="port">{probe.port}</tspan>
              {isWide && (
                <tspan dx="6" class="small">
                  {portRole(probe.port)}
                </tspan>
              )}
            </text>
            {stagesOf(probe).map((stage, n) => (
              <Stage
                key={stage.stage}
                {...{ stage, n, probe, x, width }}
                y={i * ROW + 1}
              />
            ))}
          </g>
        ))}
      </svg>
      <Figures probes={probes} />
    </div>
  );
}

const LETTER = 7.3; // px, on average

// One that failed runs hatched to the edge, with a break: its end was not seen.
function Stage({ stage, n, probe, x, y, width }) {
  const from = x(stage.from);
  if (stage.to === null) {
    const most = width - from - 40;
    const text = failedText(stage, probe, (most - 12) / LETTER);
    const room = Math.min(most, text.length * LETTER + 12);
    return (
      <>
        <rect
          x={from}
          y={y}
          width={Math.max(8, width - from - 4)}
          height={BAR}
          fill="url(#h-filtered)"
          class="s-filtered"
        />
        <path d={`M${width - 24} ${y - 2}l6 26M${width - 17} ${y - 2}l6 26`} class="break" />
        <rect x={from + 6} y={y + 3} width={Math.max(0, room)} height={BAR - 6} class="f-paper" />
        <text x={from + 12} y={y + 15} class="said">
          {text}
        </text>
      </>
    );
  }
  const long = x(stage.to) - from;
  const text = stageText(stage.stage);
  return (
    <>
      <rect
        x={from}
        y={y}
        width={Math.max(1, long - 1.5)}
        height={BAR}
        class={n % 2 ? "stage-b" : "stage-a"}
      />
      {long > text.length * 7.4 + 10 && (
        <text x={from + 6} y={y + 15} class={n % 2 ? "on-b" : "on-a"}>
          {text}
        </text>
      )}
    </>
  );
}

function Figures({ probes }) {
  return (
    <details>
      <summary>Same as a table</summary>
      <Scroll label="Stages in milliseconds">
        <table>
          <thead>
            <tr>
              <th scope="col">Port</th>
              <th scope="col">Stage</th>
              <th scope="col">From, ms</th>
              <th scope="col">To, ms</th>
            </tr>
          </thead>
          <tbody>
            {probes.flatMap((probe) =>
              stagesOf(probe).map((stage) => (
                <tr key={`${probe.port}/${stage.stage}`}>
                  <th scope="row">{probe.port}</th>
                  <td>{stageText(stage.stage)}</td>
                  <td>{stage.from.toFixed(1)}</td>
                  <td>
                    {stage.to === null
                      ? failedText(stage, probe)
                      : stage.to.toFixed(1)}
                  </td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}
