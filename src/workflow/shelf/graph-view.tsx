/** The graph as SVG, drawn on the server: attributes and classes only, as the content policy asks. */

import { shorten } from '../../domain/text/cut.ts'
import type { Graph, GraphEdge, GraphNode } from '../../domain/workflow/graph.ts'
import { COMPLETE } from '../../domain/workflow/parts.ts'

const WIDTH = 190
const HEIGHT = 62
const GAP_X = 110
const GAP_Y = 54
const PAD = 40

export interface GraphView {
  workflow: string
  graph: Graph
  /** Live tasks at each step. */
  open: Map<string, number>
  /** Whether a step leads to its form. */
  mayChange: boolean
}

export const GraphDrawing = ({ view: { graph, workflow, open, mayChange } }: { view: GraphView }) => {
  const backs = graph.edges.filter(edge => edge.back)
  const width = PAD * 2 + graph.ranks * WIDTH + Math.max(0, graph.ranks - 1) * GAP_X
  const floor = PAD + graph.rows * (HEIGHT + GAP_Y)
  const height = floor + backs.length * 22 + PAD
  const at = new Map(graph.nodes.map(node => [node.key, node]))
  // Labels come after all lines, so that none runs through a word.
  const lines = graph.edges.flatMap(edge => {
    const [from, to] = [at.get(edge.from), at.get(edge.to)]
    return from && to ? lineOf(edge, from, to, floor + backs.indexOf(edge) * 22) : []
  })
  return (
    <section class="graph" tabindex={0} aria-label="Graph of the steps">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-label="Steps and where they route to">
        <defs>
          <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
            <path class="graph-tip" d="M0 0 L8 4 L0 8 z" />
          </marker>
        </defs>
        {lines.map(({ d, back }) => (
          <path class="graph-edge" data-back={back ? '' : undefined} d={d} marker-end="url(#tip)" />
        ))}
        {lines
          .filter(({ label }) => label.text !== '')
          .map(({ label: { text, x, y, end } }) => (
            <text class="graph-small" x={x} y={y} text-anchor={end ? 'end' : undefined}>
              {text}
            </text>
          ))}
        {graph.nodes.map(node => (
          <Node node={node} workflow={mayChange ? workflow : null} open={open.get(node.key) ?? 0} />
        ))}
      </svg>
    </section>
  )
}

/** What stands below a step: what it works on side by side, whose task it starts, or what it waits for. */
function captionOf({ fork, starts, waits }: GraphNode): string | null {
  if (fork !== null) return `${fork.parts.join(' ∥ ')} → ${fork.join}`
  return starts === null ? waits : `↗ ${starts}`
}

const Node = ({ node, workflow, open }: { node: GraphNode; workflow: string | null; open: number }) => {
  const { x, y } = placeOf(node)
  const flags = [
    node.unreachable && 'nothing leads here',
    node.deadEnd && 'dead end',
    node.astray && 'a target is not there',
  ]
  const flag = flags.find(Boolean) ?? null
  const caption = captionOf(node)
  const box = (
    <g class="graph-node" data-state={flag ? 'stuck' : undefined}>
      {/* What works on several things at once looks like several. */}
      {node.fork !== null && [8, 4].map(by => <rect x={x + by} y={y - by} width={WIDTH} height={HEIGHT} rx={8} />)}
      <rect x={x} y={y} width={WIDTH} height={HEIGHT} rx={node.key === COMPLETE ? 31 : 8} />
      {/* What has steps of its own elsewhere has a frame within its frame. */}
      {node.starts !== null && <rect x={x + 5} y={y + 5} width={WIDTH - 10} height={HEIGHT - 10} rx={5} />}
      <text x={x + 14} y={y + 24}>
        {shorten(node.name, 24)}
      </text>
      <text class="graph-small" x={x + 14} y={y + 44}>
        {[node.handler?.toUpperCase() ?? 'the end', open > 0 && `${open} live`].filter(Boolean).join(' · ')}
      </text>
      {caption !== null && (
        <text class="graph-small" x={x + 14} y={y + HEIGHT + 15}>
          {shorten(caption, 34)}
        </text>
      )}
      {flag && (
        <text class="graph-flag" x={x + 14} y={y + HEIGHT + (caption === null ? 15 : 30)}>
          {flag}
        </text>
      )}
    </g>
  )
  return node.handler === null || workflow === null ? (
    box
  ) : (
    <a href={`/workflows/${workflow}/edit/steps/${node.key}`}>{box}</a>
  )
}

interface Line {
  d: string
  back: boolean
  label: { text: string; x: number; y: number; end?: boolean }
}

/** Forward edges run straight; those that lead back run below everything, each in a lane of its own. */
function lineOf(edge: GraphEdge, from: GraphNode, to: GraphNode, floor: number): Line {
  const [a, b] = [placeOf(from), placeOf(to)]
  const text = shorten(edge.labels.join(' / '), 26)
  if (edge.back) {
    const [x1, x2] = [a.x + WIDTH * 0.7, b.x + WIDTH * 0.3]
    const d = `M${x1} ${a.y + HEIGHT} V${floor} H${x2} V${b.y + HEIGHT + 3}`
    return { d, back: true, label: { text: text || 'back', x: Math.min(x1, x2) + 6, y: floor - 5 } }
  }
  const [x1, y1, x2, y2] = [a.x + WIDTH, a.y + HEIGHT / 2, b.x - 3, b.y + HEIGHT / 2]
  // Past other ranks it runs between the rows, so that it crosses no step.
  if (to.rank - from.rank > 1) {
    const lane = a.y + HEIGHT + GAP_Y / 2
    const d = `M${x1} ${y1} h${GAP_X * 0.2} V${lane} H${x2 - GAP_X * 0.25} V${y2} H${x2}`
    return { d, back: false, label: { text, x: x1 + GAP_X * 0.2 + 6, y: lane - 6 } }
  }
  const bend = Math.min(GAP_X / 2, (x2 - x1) / 2)
  const d = `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`
  return { d, back: false, label: { text: shorten(text, 18), x: x2 - 8, y: y2 - 8, end: true } }
}

function placeOf({ rank, row }: GraphNode): { x: number; y: number } {
  return { x: PAD + rank * (WIDTH + GAP_X), y: PAD + row * (HEIGHT + GAP_Y) }
}
