/** How a task's status looks within somebody else's page: a badge, and a small page. */
import { readShows } from '../../domain/embed.ts'
import type { TaskDocument } from '../../domain/task/told/document/document.ts'
import { shorten } from '../../domain/text/cut.ts'
import { STATE_LABEL, StatusPill } from '../../http/components/badge.tsx'
import { absolute } from '../../http/components/value/time.tsx'

/** What was chosen of it, and nothing else. */
export interface ShownStatus extends Pick<TaskDocument, 'status'> {
  title?: string
  step?: string
  times?: { createdAt: string; finishedAt: string | null }
}

export function statusShown({ status, title, step, createdAt, finishedAt }: TaskDocument, shows: string): ShownStatus {
  const chosen = readShows(shows)
  return {
    status,
    ...(chosen.includes('title') && { title }),
    ...(chosen.includes('step') && step !== null && { step }),
    ...(chosen.includes('times') && { times: { createdAt, finishedAt } }),
  }
}

export const EmbedPage = ({ shown }: { shown: ShownStatus | null }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{shown === null ? 'Nothing to see' : (shown.title ?? 'Task')}</title>
      {['tokens', 'base', 'components'].map(name => (
        <link rel="stylesheet" href={`/css/${name}.css`} />
      ))}
    </head>
    <body>
      <main class="panel stack-tight">
        {shown === null ? <p>There is nothing to see here any more.</p> : <Status shown={shown} />}
      </main>
    </body>
  </html>
)

export const Status = ({ shown: { status, title, step, times } }: { shown: ShownStatus }) => (
  <>
    {title !== undefined && (
      <h1 class="small">
        <bdi>{title}</bdi>
      </h1>
    )}
    <p class="row">
      <StatusPill status={status} />
      {step !== undefined && <span>at {step}</span>}
    </p>
    {times !== undefined && (
      <p class="small secondary">
        Started {absolute(Date.parse(times.createdAt))}
        {times.finishedAt !== null && `, ended ${absolute(Date.parse(times.finishedAt))}`}
      </p>
    )}
  </>
)

/** Dark enough for white words. */
const COLOURS: Record<ShownStatus['status'], string> = {
  running: '#1d4ed8',
  held: '#6b4e00',
  waiting: '#8a4b00',
  stuck: '#b3261e',
  failed: '#b3261e',
  done: '#1a7f37',
  cancelled: '#59636e',
}
const CHAR = 6.6

export const BadgeOf = ({ shown }: { shown: ShownStatus }) => {
  const { status, title, step, times } = shown
  const when = times === undefined ? null : (times.finishedAt ?? times.createdAt).slice(0, 10)
  const text = [STATE_LABEL[status], ...(step === undefined ? [] : [`at ${step}`]), ...(when === null ? [] : [when])]
  return <Badge label={shorten(title ?? 'Task', 60)} text={shorten(text.join(' · '), 60)} colour={COLOURS[status]} />
}

/** Colours say nothing that its words do not. */
export const Badge = ({ label, text, colour = '#59636e' }: { label: string; text: string; colour?: string }) => {
  const [left, right] = [label, text].map(each => Math.ceil([...each].length * CHAR) + 14) as [number, number]
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      width={left + right}
      height="22"
      role="img"
      aria-label={`${label}: ${text}`}
      font-family="system-ui, sans-serif"
      font-size="12"
      fill="#ffffff"
    >
      <title>{`${label}: ${text}`}</title>
      <rect width={left} height="22" fill="#24292f" />
      <rect x={left} width={right} height="22" fill={colour} />
      <text x="7" y="15" textLength={left - 14} lengthAdjust="spacingAndGlyphs">
        {label}
      </text>
      <text x={left + 7} y="15" textLength={right - 14} lengthAdjust="spacingAndGlyphs">
        {text}
      </text>
    </svg>
  )
}
