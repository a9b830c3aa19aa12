/**
 * Charts as drawings that the server makes: no script draws or explains them. What a bar stands for is read when the pointer
 * rests on it; whoever does not see the drawing has its sentence, and the table beside it holds every number.
 */
import type { Child } from 'hono/jsx'
import { shorten } from '../../domain/text/cut.ts'

const WIDTH = 420
const HEIGHT = 140
/** Room for what is written at the left, and below. */
const LEFT = 44
const BELOW = 18
const [PLOT_WIDTH, PLOT_HEIGHT] = [WIDTH - LEFT, HEIGHT - BELOW]

const LOOKS = {
  done: 'chart-done',
  open: 'chart-open',
  failed: 'chart-failed',
  cancelled: 'chart-cancelled',
  plain: 'chart-plain',
  band: 'chart-band',
  people: 'chart-people',
  time: 'chart-time',
  held: 'chart-held',
  queue: 'chart-queue',
  model: 'chart-model',
  call: 'chart-call',
}
export type Look = keyof typeof LOOKS

interface Series {
  name: string
  /** How it looks, by its name in insight.css: told apart without colour, too. */
  look: Look
  values: number[]
}

interface Axis {
  title: string
  /** One for each span. */
  labels: string[]
  /** A number as it is written. */
  text: (value: number) => string
}

/** Bars, one a span; several series stand on one another. */
export const BarChart = ({ title, labels, series, text }: Axis & { series: Series[] }) => {
  const totals = labels.map((_, nth) => series.reduce((sum, { values }) => sum + (values[nth] ?? 0), 0))
  const most = niceTop(Math.max(0, ...totals))
  const said = labels.map((label, nth) => {
    const parts = series
      .filter(({ values }) => values[nth] !== 0)
      .map(({ name, values }) => `${text(values[nth] ?? 0)} ${name}`)
    return `${label}: ${parts.join(', ') || 'nothing'}`
  })
  return (
    <Figure title={title} legend={series.length > 1 ? series : []}>
      <Drawing said={`${title}. ${said.join('; ')}.`} labels={labels} top={text(most)}>
        {labels.map((_, nth) => {
          const { x, width } = slot(nth, labels.length)
          let y = PLOT_HEIGHT
          return (
            <g>
              <title>{said[nth]}</title>
              <rect class="chart-slot" x={x} y={0} width={width} height={PLOT_HEIGHT} />
              {series.map(({ values, look }) => {
                const height = most === 0 ? 0 : ((values[nth] ?? 0) / most) * (PLOT_HEIGHT - 4)
                y -= height
                return (
                  height > 0 && <rect class={LOOKS[look]} x={x} y={round(y)} width={width} height={round(height)} />
                )
              })}
            </g>
          )
        })}
      </Drawing>
    </Figure>
  )
}

/** A rate by span, with the band in which it is healthy; null: there was nothing to measure. */
export const RateChart = ({
  title,
  labels,
  values,
  band,
  text,
}: Axis & { values: (number | null)[]; band?: { from: number; to: number; name: string } }) => {
  const most = niceTop(Math.max(band === undefined ? 0 : band.to * 2, ...values.map(value => value ?? 0)))
  const yOf = (value: number) => round(PLOT_HEIGHT - (value / most) * (PLOT_HEIGHT - 4))
  const points = values.flatMap((value, nth) => {
    if (value === null) return []
    const { x, width } = slot(nth, labels.length)
    return [{ nth, value, x: round(x + width / 2), y: yOf(value) }]
  })
  const said = points.map(({ nth, value }) => `${labels[nth]}: ${text(value)}`)
  const healthy = band === undefined ? '' : ` ${band.name}.`
  return (
    <Figure title={title} legend={band === undefined ? [] : [{ name: band.name, look: 'band' }]}>
      <Drawing
        said={`${title}.${healthy} ${said.join('; ') || 'Nothing to measure'}.`}
        labels={labels}
        top={text(most)}
      >
        {band !== undefined && (
          <rect
            class="chart-band"
            x={LEFT}
            y={yOf(band.to)}
            width={PLOT_WIDTH}
            height={yOf(band.from) - yOf(band.to)}
          />
        )}
        <path class="chart-line" d={lineOf(points)} />
        {points.map(({ x, y }, at) => (
          <circle class="chart-point" cx={x} cy={y} r={3.5}>
            <title>{said[at]}</title>
          </circle>
        ))}
      </Drawing>
    </Figure>
  )
}

/** A line breaks off where a span has nothing to measure. */
function lineOf(points: { nth: number; x: number; y: number }[]): string {
  return points.map(({ nth, x, y }, at) => `${points[at - 1]?.nth === nth - 1 ? 'L' : 'M'}${x} ${y}`).join('')
}

const ROW = 38
const BAR = 16

/** Lying bars, one for each of some things, their parts side by side. `legend` tells what the parts are. */
export const LyingChart = ({
  title,
  bars,
  legend,
  text,
}: {
  title: string
  bars: { label: string; parts: { name: string; look: Look; value: number }[] }[]
  legend: Pick<Series, 'name' | 'look'>[]
  text: (value: number) => string
}) => {
  const totals = bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0))
  const most = Math.max(...totals, 1)
  const said = bars.map(({ label, parts }, nth) => {
    const some = parts.filter(({ value }) => value > 0).map(({ name, value }) => `${text(value)} ${name}`)
    return `${label}: ${text(totals[nth]!)}${some.length > 0 ? ` (${some.join(', ')})` : ''}`
  })
  return (
    <Figure title={title} legend={legend}>
      <svg
        class="chart-plot"
        viewBox={`0 0 ${WIDTH} ${bars.length * ROW}`}
        role="img"
        aria-label={`${title}. ${said.join('; ')}.`}
      >
        {bars.map(({ label, parts }, nth) => {
          const top = nth * ROW
          let x = 0
          return (
            <g>
              <title>{said[nth]}</title>
              <text class="chart-text" x={0} y={top + 13}>
                {shorten(label, 44)}
              </text>
              <text class="chart-text" x={WIDTH} y={top + 13} text-anchor="end">
                {text(totals[nth]!)}
              </text>
              <rect class="chart-slot" x={0} y={top} width={WIDTH} height={ROW} />
              {parts.map(({ look, value }) => {
                const [from, width] = [x, (value / most) * WIDTH]
                x += width
                return (
                  width >= 0.1 && (
                    <rect class={LOOKS[look]} x={round(from)} y={top + 18} width={round(width)} height={BAR} />
                  )
                )
              })}
            </g>
          )
        })}
      </svg>
    </Figure>
  )
}

const Figure = ({
  title,
  legend,
  children,
}: {
  title: string
  legend: Pick<Series, 'name' | 'look'>[]
  children: Child
}) => (
  <figure class="chart">
    <figcaption>
      <strong>{title}</strong>
      {legend.map(({ name, look }) => (
        <span class="chart-key">
          <svg width="12" height="12" aria-hidden="true">
            <rect class={LOOKS[look]} x="1" y="1" width="10" height="10" />
          </svg>
          {name}
        </span>
      ))}
    </figcaption>
    {children}
  </figure>
)

const Drawing = ({ said, labels, top, children }: { said: string; labels: string[]; top: string; children: Child }) => (
  <svg class="chart-plot" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
    <line class="chart-axis" x1={LEFT} x2={WIDTH} y1={PLOT_HEIGHT} y2={PLOT_HEIGHT} />
    <line class="chart-axis" x1={LEFT} x2={WIDTH} y1={4} y2={4} />
    <text class="chart-text" x={LEFT - 6} y={10} text-anchor="end">
      {top}
    </text>
    <text class="chart-text" x={LEFT - 6} y={PLOT_HEIGHT} text-anchor="end">
      0
    </text>
    <text class="chart-text" x={LEFT} y={HEIGHT - 4}>
      {labels[0]}
    </text>
    {labels.length > 1 && (
      <text class="chart-text" x={WIDTH} y={HEIGHT - 4} text-anchor="end">
        {labels.at(-1)}
      </text>
    )}
    {children}
  </svg>
)

function slot(nth: number, of: number): { x: number; width: number } {
  const each = PLOT_WIDTH / of
  const width = Math.min(48, each * 0.72)
  return { x: round(LEFT + nth * each + (each - width) / 2), width: round(width) }
}

/** The next 1, 2 or 5 with noughts that is not below; 1 for nothing. */
export function niceTop(most: number): number {
  if (most <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  const found = [1, 2, 5, 10].find(step => step * power >= most * (1 - 1e-9))
  return Number(((found ?? 10) * power).toPrecision(12))
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
